import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";

interface DialogProps {
  open: boolean;
  onClose(): void;
  title: string;
  /** Said to who cannot see the dialog, and below the title. */
  about?: string;
  children: ReactNode;
  wide?: boolean;
}

export function Dialog({ open, onClose, title, about, children, wide = false }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={(opened) => !opened && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Radix.Content
          onOpenAutoFocus={(event) => {
            // Where no field wants the focus, the first button need not have it.
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          className={`fixed z-50 flex max-h-[92dvh] flex-col overflow-hidden bg-raised shadow-lift outline-none max-sm:inset-x-0 max-sm:bottom-0 max-sm:rounded-t-lg sm:top-[8vh] sm:left-1/2 sm:max-h-[84vh] sm:w-[calc(100vw-2rem)] sm:-translate-x-1/2 sm:rounded-lg sm:border sm:border-line ${wide ? "sm:max-w-3xl" : "sm:max-w-lg"}`}
        >
          <div className="flex items-start justify-between gap-4 border-b border-line px-5 py-3.5">
            <div>
              <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
              {about ? (
                <Radix.Description className="text-xs text-ink-3">{about}</Radix.Description>
              ) : (
                <Radix.Description className="sr-only">{title}</Radix.Description>
              )}
            </div>
            <Radix.Close
              className="-mr-1.5 rounded-md p-1.5 text-ink-3 hover:bg-hover hover:text-ink"
              aria-label="Close"
            >
              <X className="size-4" aria-hidden="true" />
            </Radix.Close>
          </div>
          {/* Keys scroll what does not fit, also where nothing in it takes the focus. */}
          <div className="overflow-y-auto px-5 py-4 -outline-offset-2" tabIndex={0}>
            {children}
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
