// A region is a part of the page that the server's answer replaces: the element of the
// same data-region in the answer, which may be the whole page or only that element.

const find = (root, name) => root.querySelector(`[data-region="${CSS.escape(name)}"]`);

// replace asks the server and puts the answer in. It returns the new element, or null when the
// answer is a page without the region. It follows where the server leads (the sign-in, when that
// has ended) and throws when the server refuses or cannot be reached.
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
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const fresh = find(page, name);
    if (!fresh && response.redirected) location.assign(response.url);
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
