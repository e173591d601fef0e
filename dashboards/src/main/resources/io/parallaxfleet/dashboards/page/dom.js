// Builds elements. Text from records only ever becomes a text node or an attribute set by the DOM, never markup.

export const byId = (id) => document.getElementById(id);

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'class') made.className = value;
    else if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const span = (className, text) => element('span', { class: className }, String(text));

/** A table cell; the label names it where the table is stacked on a narrow page. */
export function cell(label, className, ...children) {
  return element('td', { 'data-label': label, class: className }, ...children);
}

export function setText(id, text) {
  const target = byId(id);
  if (target.textContent !== text) target.textContent = text;
}

/** Replaces the rows of a table and shows it, or hides it and says why it is empty. */
export function fillTable(id, rows, emptyText) {
  const table = byId(id);
  table.tBodies[0].replaceChildren(...rows);
  table.hidden = rows.length === 0;
  setText(`${id}-empty`, rows.length === 0 ? emptyText : '');
}
