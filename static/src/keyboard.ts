// Which key presses are the page's own, and not meant for what has the focus.

// elsewhere: what takes keys itself. A dialog that is open takes all of them.
export function meant({ ctrlKey, metaKey, altKey, target }: KeyboardEvent, elsewhere: string): boolean {
  return !ctrlKey && !metaKey && !altKey && !document.querySelector("dialog[open]") && !(target as HTMLElement).closest(elsewhere);
}

// Space presses what has the focus, if that can be pressed.
export const presses = ({ key, target }: KeyboardEvent): boolean => key === " " && (target as HTMLElement).closest("button, summary, a") !== null;
