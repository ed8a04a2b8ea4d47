/** Bytes of a file that is read as a ticket or a goal. */
export const FILE_BYTES_MAX = 100_000;

/** Asks for a file of text. */
export function FromFile({ onChosen }: { onChosen(file: File | undefined): void }) {
  return (
    <label className="ml-auto cursor-pointer text-sm text-accent focus-within:underline hover:underline">
      From a file
      <input
        type="file"
        accept=".md,.txt,text/*"
        className="sr-only"
        onChange={(event) => onChosen(event.target.files?.[0])}
      />
    </label>
  );
}
