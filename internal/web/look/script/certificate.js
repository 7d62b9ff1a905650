// A certificate's link carries its number and password behind #, which no server
// sees. They go into the form, and out of the address.

const form = document.getElementById('certificate');

function fill() {
  const [, number, salt] = location.hash.match(/^#(K(?:-\w{4}){3})\.(\w{4}(?:-\w{4}){2})$/) ?? [];
  if (!(form instanceof HTMLFormElement) || !number) return;
  form.elements.namedItem('number').value = number;
  form.elements.namedItem('salt').value = salt;
  history.replaceState(null, '', location.pathname);
}

fill();
addEventListener('hashchange', fill);
