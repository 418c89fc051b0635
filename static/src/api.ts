// Talking to the server: every failure becomes a Trouble that can be read out.
import { language, t } from "./messages";
import { site } from "./site";
import type { Comparison, Forked, KernelInfo, Listed, Offer, Question, Rival, RunRequest, Term, Trace, Trouble } from "./types";

export class Failure extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.title);
  }
}

export const kernels = (): Promise<KernelInfo[]> => ask("/api/kernels");
export const scenarios = (): Promise<Listed[]> => ask("/api/scenarios");
export const glossary = (): Promise<Record<string, Term>> => ask("/api/glossary");
export const run = async (request: RunRequest): Promise<Trace> => sent(request) ?? post("/api/run", request);
export const compare = (left: RunRequest, right: RunRequest): Promise<Comparison> => post("/api/compare", { left, right });
export const rival = (request: RunRequest): Promise<Rival> => post("/api/rival", request);
export const questions = (request: RunRequest): Promise<{ questions: Question[] }> => post("/api/questions", request);
export const offers = (run: RunRequest, at: number): Promise<{ offers: Offer[] }> => post("/api/whatif", { run, at });
export const whatif = (run: RunRequest, at: number, edit: string): Promise<Forked> => post("/api/whatif", { run, at, edit });

// The run that came with the document, the first time that it is asked for.
function sent(request: RunRequest): Trace | null {
  const came = document.getElementById("opening");
  if (!came || "kernel" in request || "scenario" in request) return null;
  if ("gallery" in request ? request.gallery !== came.dataset.gallery : request.link !== came.dataset.link) return null;
  came.remove();
  return came.textContent ? JSON.parse(came.textContent) as Trace : null;
}

export const post = <T>(path: string, body: unknown): Promise<T> =>
  ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

// What the server answers, or a Failure that says why not.
export async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  return (await (await fetched(path, init)).json()) as T;
}

export async function fetched(path: string, init?: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(site(path), { ...init, headers: { ...init?.headers, "accept-language": language() } });
  } catch {
    throw new Failure({
      title: t("network_title"),
      errors: [{ where: t("network"), what: t("network_what"), instead: t("network_instead") }],
    });
  }
  if (answer.ok) return answer;
  throw new Failure(await troubleOf(answer));
}

async function troubleOf(answer: Response): Promise<Trouble> {
  try {
    const problem = await answer.json();
    const lang = answer.headers.get("content-language") ?? "en";
    return { title: String((problem.errors?.length ? problem.title : problem.detail) ?? answer.status), errors: problem.errors ?? [], lang };
  } catch {
    return { title: t("status_title", { status: answer.status }), errors: [] };
  }
}
