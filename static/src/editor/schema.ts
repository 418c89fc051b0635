// The JSON Schema of a scenario, which the server publishes, as questions about a place in one.
import type { Path } from "./document";

export type Schema = {
  $ref?: string; anyOf?: Schema[]; type?: string; description?: string; title?: string; default?: unknown; enum?: unknown[]; const?: unknown; pattern?: string;
  minimum?: number; maximum?: number; maxLength?: number; items?: Schema; properties?: Record<string, Schema>; required?: string[];
  patternProperties?: Record<string, Schema>; additionalProperties?: boolean | Schema; $defs?: Record<string, Schema>;
  "x-ops"?: Record<string, string>; "x-flags"?: string[];
};

let whole: Schema = {};
export const learnSchema = (schema: Schema): void => void (whole = schema);
export const ops = (): Record<string, string> => whole["x-ops"] ?? {};
export const flags = (): string[] => whole["x-flags"] ?? [];

// Every form that may stand at `path`.
export function formsAt(path: Path): Schema[] {
  let forms = branches(whole);
  for (const part of path) forms = forms.flatMap((form) => below(form, part)).flatMap(branches);
  return forms;
}

function branches(form: Schema): Schema[] {
  if (form.$ref) return branches({ ...whole.$defs?.[form.$ref.split("/").pop() ?? ""] });
  return form.anyOf ? form.anyOf.flatMap((option) => branches(form.description ? { description: form.description, ...option } : option)) : [form];
}

function below(form: Schema, part: string | number): Schema[] {
  if (typeof part === "number") return form.items ? [form.items] : [];
  const own = form.properties?.[part];
  if (own) return [own];
  const open = Object.values(form.patternProperties ?? {});
  return typeof form.additionalProperties === "object" ? [...open, form.additionalProperties] : open;
}

export function fieldsAt(path: Path): { name: string; form: Schema; needed: boolean }[] {
  return formsAt(path).flatMap((form) => Object.entries(form.properties ?? {}).map(([name, field]) => ({ name, form: field, needed: form.required?.includes(name) ?? false })));
}

export const isList = (path: Path): boolean => formsAt(path).some((form) => form.type === "array");
export const isObject = (path: Path): boolean => formsAt(path).some((form) => form.type === "object");

export function choicesAt(path: Path): string[] {
  return formsAt(path).flatMap((form) => form.enum?.map(String) ?? (form.const !== undefined ? [String(form.const)] : form.type === "boolean" ? ["true", "false"] : []));
}

export const aboutAt = (path: Path): string => formsAt(path).find((form) => form.description)?.description ?? "";
