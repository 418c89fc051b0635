// Just enough Python to colour a handler: keywords, comments, strings, numbers.
export const TOKEN = /("""[\s\S]*?(?:"""|$)|#.*$|"[^"]*"|'[^']*'|\b(?:def|return|yield|from|if|elif|else|while|not|and|or|in|is|None|True|False|break|continue|import|for|pass)\b|\b\d+\b)/g;

export function highlight(text: string) {
  return text.split(TOKEN).map((part, i) => {
    if (i % 2 === 0) return part;
    if (part.startsWith("#")) return <span class="c">{part}</span>;
    if (/^["']/.test(part)) return <span class="s">{part}</span>;
    if (/^\d/.test(part)) return <span class="n">{part}</span>;
    return <span class="k">{part}</span>;
  });
}
