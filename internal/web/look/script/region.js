// A region is a part of the page that the server's answer replaces: the element of the
// same data-region in the answer, which may be the whole page or only that element.

const find = (root, name) => root.querySelector(`[data-region="${CSS.escape(name)}"]`);

// replace asks the server and puts the answer in. It returns the new element, or null when
// the answer has no such region: then something else is the matter, and the page should go there.
export async function replace(name, url, options = {}) {
  const old = find(document, name);
  old?.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(url, {
      ...options,
      cache: 'no-store',
      credentials: 'same-origin',
      headers: { ...options.headers, 'X-Region': name },
    });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const fresh = response.ok ? find(page, name) : null;
    if (!old || !fresh) return null;
    const focused = old.contains(document.activeElement);
    old.replaceWith(document.adoptNode(fresh));
    if (focused) keepFocus(fresh);
    say(fresh.dataset.says);
    return fresh;
  } finally {
    old?.removeAttribute('aria-busy');
  }
}

// The button that was pressed is gone: the region takes the focus, so that a keyboard goes on there.
function keepFocus(region) {
  region.tabIndex = -1;
  region.focus();
}

// say lets screen readers tell what has changed.
function say(text) {
  const status = document.querySelector('[data-status]');
  if (status && text) status.textContent = text;
}
