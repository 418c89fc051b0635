// What is said in a room, as app/rooms/says.py has it; what is at its default comes left out.
import type { Mode } from "../store";

export type Poll = { q: string; choices: number; round: number; open: boolean; counts: number[][] };
export type Cursor = { n: number; run: string; at: number; mode: Mode; blank: boolean; poll: Poll | null; away: boolean; gone: boolean };

type Sent = Partial<Omit<Cursor, "poll">> & { n: number; poll?: Partial<Poll> & { q: string; choices: number } };

export const whole = ({ poll, ...rest }: Sent): Cursor => ({
  run: "",
  at: 0,
  mode: "play",
  blank: false,
  away: false,
  gone: false,
  ...rest,
  poll: poll ? { round: 1, open: true, counts: [], ...poll } : null,
});

// Why a socket was closed: app/rooms/doors.py.
export const NO_ROOM = 4404;
export const NOT_YOURS = 4403;
export const TOO_FAST = 4429;
export const FULL = 4503;
