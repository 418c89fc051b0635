// Fields of the form: each shows a place of the scenario, writes it back as text, and says what is wrong there.
import { useId } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { Path } from "../document";
import { apply, faultsAt } from "../session";
import { word } from "../model";

type FieldProps = { label: string; path: Path; value: unknown; kind?: "text" | "number"; list?: string[]; wide?: boolean; long?: boolean; optional?: boolean; hint?: string };

export function Field({ label, path, value, kind = "text", list, wide = false, long = false, optional = true, hint = "" }: FieldProps) {
  const id = useId();
  const faults = faultsAt(path);
  const describedBy = faults.length ? `${id}-fault` : undefined;
  const put = (typed: string) => apply(typed === "" && optional ? { remove: path } : { set: path, value: kind === "number" ? numberOf(typed) : typed });
  const onInput = (event: Event) => put((event.currentTarget as HTMLInputElement).value);
  const common = { id, value: word(value), onInput, "aria-invalid": faults.length > 0, "aria-describedby": describedBy, placeholder: hint };
  return (
    <div class={`ed-field ${wide ? "wide" : ""}`}>
      <label for={id}>{label}</label>
      {long ? <textarea rows={4} {...common} /> : <input type="text" inputMode={kind === "number" ? "numeric" : undefined} list={list && `${id}-list`} spellcheck={false} autocomplete="off" {...common} />}
      {list && <datalist id={`${id}-list`}>{list.map((option) => <option key={option} value={option} />)}</datalist>}
      <Faults id={`${id}-fault`} path={path} />
    </div>
  );
}

// What is no number stays as it was typed: the server says what is wrong with it.
const numberOf = (typed: string): string | number => (/^-?\d{1,15}$/.test(typed) ? Number(typed) : typed);

export function Faults({ id, path }: { id?: string; path: Path }) {
  const faults = faultsAt(path);
  if (!faults.length) return null;
  return <p id={id} class="ed-fault">{faults.map(({ what, instead }) => (instead ? `${what}; ${instead}` : what)).join(". ")}</p>;
}

type ChoiceProps = { label: string; path: Path; value: unknown; options: readonly (string | [value: string, shown: string])[]; none?: string; set?: (chosen: string) => void };

export function Choice({ label, path, value, options, none, set }: ChoiceProps) {
  const id = useId();
  const now = word(value);
  const known = options.map((option) => (typeof option === "string" ? ([option, option] as const) : option));
  const change = set ?? ((chosen: string) => apply(chosen === "" ? { remove: path } : { set: path, value: chosen }));
  return (
    <div class="ed-field">
      <label for={id}>{label}</label>
      <select id={id} value={now} aria-invalid={faultsAt(path).length > 0} onChange={(event) => change(event.currentTarget.value)}>
        {none !== undefined && <option value="" selected={now === ""}>{none}</option>}
        {now !== "" && !known.some(([option]) => option === now) && <option value={now} selected>{now}</option>}
        {known.map(([option, shown]) => <option key={option} value={option} selected={option === now}>{shown}</option>)}
      </select>
      <Faults path={path} />
    </div>
  );
}

// A name is written when it is whole, for others refer to it.
export function NameField({ label, path, value, taken, rename }: { label: string; path: Path; value: unknown; taken: string[]; rename: (to: string) => void }) {
  const id = useId();
  return (
    <div class="ed-field">
      <label for={id}>{label}</label>
      <input id={id} type="text" data-late spellcheck={false} autocomplete="off" value={word(value)} onChange={(event) => {
        const input = event.currentTarget;
        if (input.value && !taken.includes(input.value)) rename(input.value);
        else input.value = word(value);
      }} />
      <Faults path={path} />
    </div>
  );
}

export function Section({ title, open = true, children }: { title: string; open?: boolean; children: ComponentChildren }) {
  return <details class="ed-section" open={open}><summary><h3>{title}</h3></summary><div class="ed-body">{children}</div></details>;
}

export function Act({ label, onClick, children }: { label: string; onClick: () => void; children: ComponentChildren }) {
  return <button type="button" class="ed-small" aria-label={label} title={label} onClick={onClick}>{children}</button>;
}
