import type { ReactNode } from "react";

/** A page that is read from top to bottom. */
export function Page({
  title,
  about,
  right,
  children,
}: {
  title: string;
  about?: ReactNode;
  right?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="mx-auto flex max-w-5xl flex-col gap-8 px-4 py-6 md:px-8">
      <header className="flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1 className="text-lg font-semibold tracking-tight">{title}</h1>
          {about && <p className="text-ink-3">{about}</p>}
        </div>
        {right}
      </header>
      {children}
    </div>
  );
}

/** A table that scrolls sideways where there is no room. */
export function Table({ label, heads, children }: { label: string; heads: string[]; children: ReactNode }) {
  return (
    <div
      className="overflow-x-auto rounded-lg border border-line bg-surface"
      role="region"
      aria-label={label}
      tabIndex={0}
    >
      <table className={`w-full text-left text-sm ${heads.length > 4 ? "min-w-140" : "min-w-96"}`}>
        <thead>
          <tr className="border-b border-line">
            {heads.map((head) => (
              <th key={head} scope="col" className="eyebrow px-3.5 py-2 whitespace-nowrap">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="[&_:is(td,th)+td]:figures [&_td]:px-3.5 [&_td]:py-2 [&_td]:align-top [&_tr]:border-b [&_tr]:border-line [&_tr:last-child]:border-b-0">
          {children}
        </tbody>
      </table>
    </div>
  );
}
