import { createBrowserRouter, Link } from "react-router";
import { Empty } from "../ui/basics";
import { Home } from "../views/home/Home";
import { Broken } from "./Broken";
import { lazily } from "./lazily";
import { Shell } from "./Shell";

const Board = lazily(() => import("../views/board/Board"), "Board");
const Ticket = lazily(() => import("../views/ticket/Ticket"), "Ticket");
const Plans = lazily(() => import("../views/plans/Plans"), "Plans");
const Plan = lazily(() => import("../views/plans/Plan"), "Plan");
const Schedules = lazily(() => import("../views/schedules/Schedules"), "Schedules");
const Queue = lazily(() => import("../views/queue/Queue"), "Queue");
const Agents = lazily(() => import("../views/agents/Agents"), "Agents");
const Insights = lazily(() => import("../views/insights/Insights"), "Insights");
const Policy = lazily(() => import("../views/settings/Policy"), "Policy");
const Settings = lazily(() => import("../views/settings/Settings"), "Settings");

function Nowhere() {
  return (
    <Empty title={<h1>There is no such page</h1>}>
      <Link to="/" className="text-accent underline underline-offset-2">
        To what needs you
      </Link>
    </Empty>
  );
}

const VIEWS = [
  { path: "/", element: <Home /> },
  { path: "/board/:view?", element: <Board /> },
  { path: "/t/:project/:key/:part?", element: <Ticket /> },
  { path: "/plans", element: <Plans /> },
  { path: "/plans/:project/:key", element: <Plan /> },
  { path: "/schedules", element: <Schedules /> },
  { path: "/queue", element: <Queue /> },
  { path: "/agents", element: <Agents /> },
  { path: "/insights/:part?", element: <Insights /> },
  { path: "/settings/policy/:project", element: <Policy /> },
  { path: "/settings", element: <Settings /> },
  { path: "*", element: <Nowhere /> },
];

// Around a view that cannot be shown, everything else is there still.
export const router = createBrowserRouter([
  {
    element: <Shell />,
    errorElement: <Broken />,
    children: [{ errorElement: <Broken />, children: VIEWS }],
  },
]);
