// One file of a diff, with a place for remarks at each of its lines.

import { DiffModeEnum, DiffView, SplitSide } from "@git-diff-view/react";
import { ChevronDown, MessageSquarePlus } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { languageOf, type PatchFile, type Remark, shows } from "../../model/patch";
import { plainBlock, verbatim } from "../../model/plain";
import { useDark } from "../../shell/theme";
import { Button, Tag } from "../../ui/basics";
import { Choice, TextArea, TextField } from "../../ui/fields";
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
  const [remarking, setRemarking] = useState(false);
  return (
    <section
      id={encodeURIComponent(file.path)}
      aria-label={file.path}
      data-file={file.path}
      tabIndex={-1}
      className="scroll-mt-14 overflow-clip rounded-lg border border-line bg-surface focus:border-accent focus:outline-none"
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
        {props.remarked !== "none" && file.hunks && (
          <button
            type="button"
            data-act="remark"
            title="Remark on a line (l)"
            aria-expanded={remarking}
            onClick={() => {
              setOpen(true);
              setRemarking(!remarking);
            }}
            className="-my-1 rounded-md p-1 text-ink-3 hover:bg-hover hover:text-ink pointer-coarse:p-2.5"
          >
            <MessageSquarePlus className="size-4" aria-hidden="true" />
            <span className="sr-only">Remark</span>
          </button>
        )}
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
      {remarking && <RemarkAt {...props} onEnd={() => setRemarking(false)} />}
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

/** A remark on a line that is named, for who points at none: with keys alone, or a finger. */
function RemarkAt({ file, remarked, onRemark, onEnd }: FileDiffProps & { onEnd(): void }) {
  const [line, setLine] = useState("");
  const [side, setSide] = useState<Remark["side"]>("new");
  const there = shows(file.hunks, side, Number(line));
  return (
    <RemarkForm
      ready={there}
      onEnd={onEnd}
      onSaid={(text) => {
        onRemark({ path: file.path, side, line: Number(line), text });
        onEnd();
      }}
      where={
        <div className="flex flex-wrap gap-3">
          <div className="w-40">
            <TextField
              label="Line"
              type="number"
              inputMode="numeric"
              min={1}
              autoFocus
              value={line}
              onChange={(event) => setLine(event.target.value)}
              hint={line && !there ? "It is not shown here." : undefined}
            />
          </div>
          {remarked === "both" && (
            <div className="w-40">
              <Choice
                label="Of the file"
                value={side}
                onChange={(event) => setSide(event.target.value === "old" ? "old" : "new")}
              >
                <option value="new">as it is now</option>
                <option value="old">as it was</option>
              </Choice>
            </div>
          )}
        </div>
      }
    />
  );
}

interface RemarkFormProps {
  onSaid(text: string): void;
  onEnd(): void;
  /** Says where, in the place of a line that was pointed at. */
  where?: ReactNode;
  ready?: boolean;
}

function RemarkForm({ onSaid, onEnd, where, ready = true }: RemarkFormProps) {
  const [text, setText] = useState("");
  const said = text.trim();
  return (
    <fieldset
      aria-label="What to say about it"
      className="flex min-w-0 flex-col gap-2 border-y border-line bg-raised p-3 font-sans"
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          onEnd();
        }
        if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && said && ready) onSaid(said);
      }}
    >
      {where}
      <TextArea
        label="Remark"
        autoFocus={!where}
        rows={2}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="flex gap-2">
        <Button look="strong" disabled={!said || !ready} onClick={() => onSaid(said)}>
          Keep the remark
        </Button>
        <Button look="quiet" onClick={onEnd}>
          Not now
        </Button>
      </div>
    </fieldset>
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
