const BARS: Record<string, number> = { critical: 4, high: 3, medium: 2, low: 1 };

/** A priority, as bars with its word for who cannot see them. */
export function Priority({ priority }: { priority: string }) {
  const bars = BARS[priority] ?? 0;
  const ink = priority === "critical" ? "text-bad" : "text-ink-3";
  return (
    <span className={`inline-flex ${ink}`} title={`${priority} priority`}>
      <svg viewBox="0 0 14 12" className="h-3 w-3.5" aria-hidden="true">
        {[0, 1, 2, 3].map((n) => (
          <rect
            key={n}
            x={n * 3.5}
            y={8 - n * 2.4}
            width="2.200"
            height={4 + n * 2.4}
            rx="0.800"
            fill="currentColor"
            opacity={n < bars ? 1 : 0.22}
          />
        ))}
      </svg>
      <span className="sr-only">{priority} priority</span>
    </span>
  );
}
