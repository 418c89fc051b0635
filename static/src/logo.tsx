// The two lanes with a gap between them.
export function Logo() {
  return (
    <svg viewBox="0 0 22 22" width="22" height="22" aria-hidden="true">
      <rect x="1" y="3" width="5" height="16" rx="2" class="fill-t0" />
      <rect x="8.5" y="3" width="5" height="16" rx="2" class="logo-gap" />
      <rect x="16" y="3" width="5" height="16" rx="2" class="fill-t1" />
    </svg>
  );
}
