import { REFUSAL_CODES, REFUSALS, type RefusalCode, refusalKind } from './refusals';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
  table { border-collapse: collapse; }
  th, td { border-bottom: 1px solid #8884; padding: .4rem .8rem .4rem 0; text-align: left; vertical-align: top; }
  tr:target { background: #fd04; }
`;

/** @returns a page with every way in which the service says no, each at the anchor of its code. */
export function errorsPage(): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Holdfast: error codes</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Error codes</h1>
<p>Every refusal is an error document. Its <code>code</code> and <code>title</code> never change their meaning; its
<code>detail</code> is for people and may say more about the occurrence. Of several problems, the first in this order gives
the status. <a href="/docs">The API</a> says which of them a request may be answered.</p>
<table>
<thead><tr><th>code</th><th>status</th><th>title</th><th>usual detail</th></tr></thead>
<tbody>
${REFUSAL_CODES.map(row).join('\n')}
</tbody>
</table>
</body>
</html>
`;
}

function row(code: RefusalCode): string {
  const { status, title, detail } = REFUSALS[code];
  const seconds = refusalKind(code).retryAfterSeconds;
  const retry = seconds === undefined ? '' : ` (<code>Retry-After: ${seconds}</code>)`;
  const cells = [
    `<a href="#${code}"><code>${code}</code></a>`,
    `${status}${retry}`,
    text(title),
    text(detail),
  ];
  return `<tr id="${code}">${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

/** Escapes what HTML reads as its own; what stands in backquotes is code. */
function text(sentence: string): string {
  const escaped = sentence.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}
