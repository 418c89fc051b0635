// Where an address of the site is: behind a proxy the whole site may stand below a path, which the document names.
const below = document.documentElement.dataset.below ?? "";

export const site = (path: string): string => below + path;
