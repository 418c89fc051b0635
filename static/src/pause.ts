// What waits until something has not happened for a while. Told a hundred times a second it sets one timer.
export function afterPause(length: number, act: () => void): { again: () => void; never: () => void } {
  let last = 0;
  let timer = 0;
  const look = (): void => {
    const left = last + length - performance.now();
    timer = left > 1 ? window.setTimeout(look, left) : 0;
    if (!timer) act();
  };
  const again = (): void => {
    last = performance.now();
    timer ||= window.setTimeout(look, length);
  };
  return { again, never: () => (clearTimeout(timer), void (timer = 0)) };
}
