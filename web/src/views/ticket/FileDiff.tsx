// One file of a diff, with a place for remarks at each of its lines.

import { DiffModeEnum, DiffView, SplitSide } from "@git-diff-view/react";
import { ChevronDown } from "lucide-react";
import { useMemo, useState } from "react";
import { languageOf, type PatchFile, type Remark } from "../../model/patch";
import { plainBlock, verbatim } from "../../model/plain";
import { useDark } from "../../shell/theme";
import { Button, Tag } from "../../ui/basics";
import { TextArea } from "../../ui/fields";
import { Delta } from "../evidence/Files";

/** Lines beyond which a file is not coloured: nobody reads it for its syntax. */
const COLOURED_LINES_MAX = 3_000;

interface FileDiffProps {
  file: PatchFile;
  split: boolean;
  open: boolean;
  seen: boolean;
  /** Absent where files are not marked. */
  onSeen?: (() => void) | undefined;
  remarks: Remark[];
  /** Whose lines may be remarked on. */
  remarked: "both" | "new" | "none";
  onRemark(remark: Remark): void;
  onForget(remark: Remark): void;
}

export function FileDiff(props: FileDiffProps) {
  const { file, seen, onSeen } = props;
  const [open, setOpen] = useState(props.open);
  return (
    <section
      id={encodeURIComponent(file.path)}
      aria-label={file.path}
      className="scroll-mt-14 overflow-clip rounded-lg border border-line bg-surface"
    >
      <header className="flex items-center gap-2.5 border-b border-line bg-sunken px-2.5 py-1.5">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-w-0 flex-1 items-center gap-2 text-left"
        >
          <ChevronDown
            className={`size-4 shrink-0 text-ink-3 transition-transform ${open ? "" : "-rotate-90"}`}
            aria-hidden="true"
          />
          <span className="truncate font-mono text-xs">
            {file.oldPath !== file.path && <span className="text-ink-3">{verbatim(file.oldPath)} → </span>}
            {verbatim(file.path)}
          </span>
          {file.risks.map((risk) => (
            <Tag key={risk} tone="attention">
              {risk}
            </Tag>
          ))}
        </button>
        <Delta added={file.added} deleted={file.deleted} />
        {onSeen && (
          <label className="flex items-center gap-1.5 text-xs text-ink-3">
            <input
              type="checkbox"
              checked={seen}
              onChange={() => {
                onSeen();
                setOpen(seen);
              }}
              className="accent-(--accent)"
            />
            Seen
          </label>
        )}
      </header>
      {open && <Lines {...props} />}
    </section>
  );
}

function Lines({ file, split, remarks, remarked, onRemark, onForget }: FileDiffProps) {
  const dark = useDark();
  const data = useMemo(() => {
    const lang = languageOf(file.path);
    const shown = verbatim(file.hunks);
    return {
      oldFile: { fileName: file.oldPath, fileLang: lang },
      newFile: { fileName: file.path, fileLang: lang },
      hunks: [`--- a/file\n+++ b/file\n${shown}`],
    };
  }, [file]);
  const told = useMemo(() => {
    const of = (side: Remark["side"]) => {
      const lines: Record<string, { data: Remark[] }> = {};
      for (const remark of remarks) {
        if (remark.side !== side) continue;
        const known = lines[remark.line];
        if (known) known.data.push(remark);
        else lines[remark.line] = { data: [remark] };
      }
      return lines;
    };
    return { oldFile: of("old"), newFile: of("new") };
  }, [remarks]);
  if (!file.hunks) return <p className="px-4 py-3 text-ink-3">{file.missing}</p>;
  return (
    <DiffView<Remark[]>
      data={data}
      extendData={told}
      diffViewMode={split ? DiffModeEnum.Split : DiffModeEnum.Unified}
      diffViewTheme={dark ? "dark" : "light"}
      diffViewHighlight={(file.added ?? 0) + (file.deleted ?? 0) < COLOURED_LINES_MAX}
      diffViewFontSize={12}
      diffViewWrap
      diffViewAddWidget={remarked !== "none"}
      renderWidgetLine={({ side, lineNumber, onClose }) =>
        remarked === "new" && side === SplitSide.old ? (
          <NoRemark onEnd={onClose} />
        ) : (
          <RemarkForm
            onEnd={onClose}
            onSaid={(text) => {
              onRemark({
                path: file.path,
                side: side === SplitSide.old ? "old" : "new",
                line: lineNumber,
                text,
              });
              onClose();
            }}
          />
        )
      }
      renderExtendLine={({ data: said }) => <Remarks remarks={said} onForget={onForget} />}
    />
  );
}

function RemarkForm({ onSaid, onEnd }: { onSaid(text: string): void; onEnd(): void }) {
  const [text, setText] = useState("");
  return (
    <div className="flex flex-col gap-2 border-y border-line bg-raised p-3 font-sans">
      <TextArea
        label="Remark"
        autoFocus
        rows={2}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onEnd();
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && text.trim()) onSaid(text.trim());
        }}
      />
      <div className="flex gap-2">
        <Button look="strong" disabled={!text.trim()} onClick={() => onSaid(text.trim())}>
          Keep the remark
        </Button>
        <Button look="quiet" onClick={onEnd}>
          Not now
        </Button>
      </div>
    </div>
  );
}

/** A line that only the earlier attempt has: the next one is not told where that would be. */
function NoRemark({ onEnd }: { onEnd(): void }) {
  return (
    <div className="flex items-center gap-3 border-y border-line bg-raised p-3 font-sans text-ink-2">
      <p>This line is of the earlier attempt: remark on one of the later.</p>
      <Button look="quiet" onClick={onEnd}>
        Not now
      </Button>
    </div>
  );
}

function Remarks({ remarks, onForget }: { remarks: Remark[]; onForget(remark: Remark): void }) {
  return (
    <ul className="border-y border-line bg-attention-soft px-3 py-2 font-sans">
      {remarks.map((remark) => (
        <li key={remark.text} className="flex items-start gap-3">
          <p className="told flex-1">{plainBlock(remark.text)}</p>
          <button
            type="button"
            className="text-xs text-ink-3 hover:text-ink hover:underline"
            onClick={() => onForget(remark)}
          >
            Forget
          </button>
        </li>
      ))}
    </ul>
  );
}
