// Where a room has its place on the page: who presents and who follows fill it, each with what was fetched for it.
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import type { Question } from "./types";

// Badge stands in the header, Bar below it, Poll where a question does.
export type Parts = { Badge?: ComponentType; Bar?: ComponentType; Poll: ComponentType<{ question: Question }> };
export const parts = signal<Parts | null>(null);

// The room whose page this is.
export const followed = document.getElementById("root")?.dataset.room;
