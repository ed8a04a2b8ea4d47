import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";

const BOX =
  "w-full rounded-md border border-line bg-surface px-2.5 text-sm text-ink placeholder:text-ink-3 enabled:hover:border-line-strong focus-visible:outline-offset-0 disabled:cursor-not-allowed disabled:bg-sunken disabled:text-ink-3 max-sm:text-[16px]";
const LINE = `${BOX} h-8 pointer-coarse:h-10`;

interface Labelled {
  label: string;
  hint?: ReactNode;
}

function Field({ id, label, hint, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      {children}
      {hint && <p className="text-xs text-ink-3">{hint}</p>}
    </div>
  );
}

export function TextField({
  label,
  hint,
  className = "",
  ...rest
}: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint}>
      <input id={id} className={`${LINE} ${className}`} {...rest} />
    </Field>
  );
}

export function TextArea({
  label,
  hint,
  className = "",
  ...rest
}: Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint}>
      <textarea id={id} className={`${BOX} min-h-16 resize-y py-1.5 ${className}`} {...rest} />
    </Field>
  );
}

export function Choice({
  label,
  hint,
  children,
  ...rest
}: Labelled & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint}>
      <select id={id} className={LINE} {...rest}>
        {children}
      </select>
    </Field>
  );
}
