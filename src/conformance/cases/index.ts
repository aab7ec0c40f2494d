/** All cases, in the order of the report. */
import type { Case } from '../case.ts';
import { addressCases } from './addresses.ts';
import { attachCases } from './attach.ts';
import { checkCases } from './check.ts';
import { collectCases } from './collect.ts';
import { concurrencyCases } from './concurrency.ts';
import { delegationCases } from './delegation.ts';
import { detachCases } from './detach.ts';
import { linkCases } from './links.ts';
import { loopbackCases } from './loopback.ts';
import { protocolCases } from './protocol.ts';

export const CASES: readonly Case[] = [
  ...protocolCases,
  ...loopbackCases,
  ...addressCases,
  ...attachCases,
  ...detachCases,
  ...checkCases,
  ...collectCases,
  ...delegationCases,
  ...concurrencyCases,
  ...linkCases,
];
