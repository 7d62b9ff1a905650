// Work that takes its time: the region asks again until its answer no longer wants to.

import { replace } from './region.js';

const second = 1000;
const longest = 15 * second;

function follow(region, wait = second) {
  setTimeout(async () => {
    if (document.hidden) return follow(region, wait);
    try {
      const fresh = await replace(region.dataset.region, region.dataset.poll);
      if (!fresh) location.reload(); // it has become another page
      else if (fresh.dataset.poll) follow(fresh);
    } catch {
      follow(region, Math.min(2 * wait, longest)); // no answer: nothing is lost, ask less often
    }
  }, wait);
}

for (const region of document.querySelectorAll('[data-region][data-poll]')) follow(region);
