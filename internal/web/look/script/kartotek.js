// Everything works without these modules. They only save a page load.

import './search.js';
import './poll.js';
import './passkey.js';
import './certificate.js';

// A link that leads to a question opens the question's dialog instead.
document.addEventListener('click', (event) => {
  const opener = event.target.closest?.('[data-open]');
  const dialog = opener && document.getElementById(opener.dataset.open);
  if (!dialog?.showModal) return;
  event.preventDefault();
  dialog.showModal();
});

// The menus of the page's head close when one goes elsewhere.
for (const menu of document.querySelectorAll('details.label, details.menu')) {
  document.addEventListener('click', ({ target }) => {
    if (!menu.contains(target)) menu.open = false;
  });
  menu.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || !menu.open) return;
    menu.open = false;
    menu.querySelector('summary').focus();
  });
}

// Printing needs a script, so its button shows with one.
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}

// Browsers without :has() do not follow a choice that decides what shows.
if (!CSS.supports('selector(:has(a))')) {
  document.addEventListener('change', ({ target }) => {
    if (!target.matches('.pull .pick')) return;
    const position = [...target.classList].find((name) => name.startsWith('pick-')).slice('pick-'.length);
    for (const variant of target.closest('.pull').querySelectorAll('.for')) {
      variant.classList.toggle('chosen', variant.classList.contains(`for-${position}`));
    }
  });
}
