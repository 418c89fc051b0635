// What a search over all schedules found, as the server sends it.
import type { Course } from "../schedules";
import type { Way } from "../search";

export type Outcome = Way & {
  returns: Record<string, string[]>;
  saw: Record<string, string[]>;
  signals: Record<string, string>;
  ptes: Record<string, string>;
  stale: string[];
  bugs: Record<string, string>;
  stuck: string[];
  end_states: number | null;
  schedules: string | null;
  because: string[]; // what comes before what on every way there, and not on all others
};
export type Violation = Way & { invariant: string; text: string; promise: boolean };
export type Found = {
  complete: boolean;
  limit: "max_states" | "seconds" | "cancelled" | "max_preemptions" | null;
  method: "exact" | "reduced" | "bounded";
  states: number;
  twins: string[][];
  schedules: string | null;
  outcomes_in_all: number;
  outcomes: Outcome[];
  violations: Violation[];
  munmaps: boolean; // a vma stays after munmap, unlike in a kernel
  seconds: number;
  course?: Course;
  exists?: { question: string; holds: boolean; way: Way | null };
};
