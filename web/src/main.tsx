import "./styles/index.css";
import "sonner/dist/styles.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { Toaster } from "sonner";
import { Refused } from "./api";
import { begin } from "./data/connection";
import { installable } from "./data/install";
import { stayTold } from "./data/push";
import { router } from "./shell/router";
import { useDark } from "./shell/theme";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Events say what is stale; nothing else is asked for again.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      // What the daemon refuses it will refuse again; while it is away, its return is waited for.
      retry: (failures, error) => !(error instanceof Refused) && failures < 3,
      gcTime: 5 * 60_000,
    },
  },
});

begin(queries);
installable();
void stayTold();

function Page() {
  const dark = useDark();
  return (
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
      <Toaster
        theme={dark ? "dark" : "light"}
        position="bottom-center"
        closeButton
        visibleToasts={4}
        toastOptions={{ className: "toast" }}
      />
    </QueryClientProvider>
  );
}

const root = document.getElementById("root");
if (!root) throw new Error("BUG: index.html has no root");
createRoot(root).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
