// Search as you type, and filters that act when chosen. The form is sent as it would be
// by its button; only the region that shows what was found is replaced.

import { replace } from './region.js';

const pause = 60; // ms after the last key
const latest = new WeakMap(); // form → what is under way

const searching = (element) => element.form?.dataset.search && element.form;

document.addEventListener('input', ({ target, isComposing }) => {
  const form = searching(target);
  if (!form || isComposing) return;
  stop(form);
  latest.set(form, { timer: setTimeout(() => ask(form), pause) });
});

document.addEventListener('compositionend', ({ target }) => {
  target.dispatchEvent(new InputEvent('input', { bubbles: true }));
});

document.addEventListener('change', ({ target }) => {
  if (target.matches('[data-submit]') && !searching(target)) target.form?.requestSubmit();
});

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.dataset.search) return;
  event.preventDefault();
  stop(form);
  ask(form, event.submitter, true);
});

function stop(form) {
  const { timer, controller } = latest.get(form) ?? {};
  clearTimeout(timer);
  controller?.abort();
}

// ask sends the form for its region. The newest question wins. What a button asked for and
// the region cannot show, such as a sign-in that has ended, is left to the browser.
async function ask(form, submitter, pressed = false) {
  const controller = new AbortController();
  latest.set(form, { controller });
  const data = new FormData(form);
  if (submitter?.name) data.set(submitter.name, submitter.value);
  const values = new URLSearchParams(data);
  const post = form.method === 'post';
  const url = post ? form.action : `${form.action.split('?')[0]}?${values}`;
  try {
    const shown = await replace(form.dataset.search, url, {
      method: form.method.toUpperCase(),
      body: post ? values : undefined,
      signal: controller.signal,
    });
    if (!shown && pressed) goThere(form, submitter);
    if (shown && !post) history.replaceState(null, '', url); // a filter says nothing personal
  } catch (error) {
    if (error.name !== 'AbortError' && pressed) goThere(form, submitter);
  }
}

// goThere sends the form as if there were no script.
function goThere(form, submitter) {
  delete form.dataset.search;
  form.requestSubmit(submitter ?? null);
}
