import { startKernelTrace } from '../../src/system/kernel-trace.js';

/* A program that traces until it is killed: test/netns/trace.test.ts does that. */
await startKernelTrace([['skb/kfree_skb', '']]);
console.log('tracing');
setInterval(() => {}, 1000);
