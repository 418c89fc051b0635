// Where the name of a room is typed. The server forgives capitals, spaces and o for 0; so does what is typed here.
import "./nav";
import { site } from "./site";

const field = document.querySelector<HTMLInputElement>("#name")!;
const go = document.querySelector<HTMLButtonElement>("#go")!;
const said = document.querySelector<HTMLElement>("#said")!;

const plain = (): string => field.value.toLowerCase().replace(/[^a-z0-9]/g, "");

function enter(): void {
  if (plain().length === 8) return location.assign(site(`/r/${plain().slice(0, 4)}-${plain().slice(4)}`));
  said.textContent = said.dataset.short!;
  field.focus();
}

go.addEventListener("click", enter);
field.addEventListener("keydown", ({ key }) => key === "Enter" && enter());
field.addEventListener("input", () => (said.textContent = ""));
