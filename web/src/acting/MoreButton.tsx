import { Ellipsis } from "lucide-react";
import { Button, type ButtonProps } from "../ui/basics";

/** Opens the menu, as soon as there is one. */
export function MoreButton(props: ButtonProps) {
  return (
    <Button look="quiet" aria-label="More actions" {...props} className="px-2 pointer-coarse:w-10">
      <Ellipsis className="size-4" aria-hidden="true" />
    </Button>
  );
}
