/**
 * Transactions over a socket whose kernel is a function: answers that the real one gives only now
 * and then.
 */
import test from 'ava';
import { viewOf } from '../../src/netlink/codec/bytes.ts';
import { connect } from '../../src/netlink/connection.ts';
import { NLMSG_HDRLEN } from '../../src/netlink/constants.ts';
import { EEXIST, EPERM, ERESTART } from '../../src/sys/errno.ts';
import { fakeSocket } from '../../src/netlink/fake.ts';
import { encode, frames } from '../../src/netlink/codec/frame.ts';
import { addChain, addTable } from '../../src/nftables/index.ts';
import { NFNL_MSG_BATCH_BEGIN, NFT_MSG_GETGEN } from '../../src/nftables/messages/constants.ts';
import { nftables } from '../../src/nftables/nf-tables.ts';
import { commit, transactor } from '../../src/nftables/transaction.ts';
import { verbsOn } from '../../src/nftables/verbs.ts';

const transact = transactor(verbsOn);

const T = { family: 'inet', table: 't' } as const;
const changes = [
  addTable({ family: 'inet', name: 't' }),
  addChain({ ...T, name: 'a' }),
  addChain({ ...T, name: 'b' }),
];

/**
 * Answers a transaction with one datagram for each of `[position, errno]`; other requests with the
 * generation.
 */
function kernel(...answers: readonly (readonly (readonly [number, number])[])[]) {
  let transactions = 0;
  const socket = fakeSocket((datagram) => {
    const messages = [...frames(viewOf(datagram))].map(({ header }) => header);
    if (messages[0]!.type !== NFNL_MSG_BATCH_BEGIN) {
      return messages.flatMap(({ seq, type }) => [
        ...(type === NFT_MSG_GETGEN ? [answer('NFT_MSG_NEWGEN', seq, { attrs: { id: 7 } })] : []),
        error(seq, 0),
      ]);
    }
    const told = answers[Math.min(transactions++, answers.length - 1)]!;
    return told.map(([position, errno]) => error(messages[position]!.seq, errno));
  });
  const connection = connect(nftables, socket, { timeout: 200 });
  return { connection, transactions: () => transactions };
}

const answer = (type: string, seq: number, payload: unknown): Uint8Array =>
  encode(nftables, { type, flags: [], seq, pid: 1, payload });
const error = (seq: number, errno: number): Uint8Array =>
  answer('NLMSG_ERROR', seq, { error: -errno, request: { len: NLMSG_HDRLEN, seq }, attrs: {} });

test('transaction: it is done when the last change is acknowledged', (t) => {
  t.is(commit(kernel([[3, 0]]).connection, changes), undefined);
});

test('transaction: a refusal of the first message is the only answer', (t) => {
  t.is(commit(kernel([[0, EPERM]]).connection, changes)?.errno, EPERM);
});

test('transaction: a refused change is named, with its position', (t) => {
  const { connection } = kernel([
    [2, EEXIST],
    [3, 0],
  ]);
  const refused = commit(connection, changes);
  t.is(refused?.index, 1);
  t.is(refused?.subject, 'inet t a');
  t.is(refused?.operation, 'NFT_MSG_NEWCHAIN');
});

test('transaction: an old generation is recognised under any message, and planned again', (t) => {
  const { connection, transactions } = kernel([[2, ERESTART]], [[0, ERESTART]], [[3, 0]]);
  let plans = 0;
  transact(connection, (b) => {
    b.get();
    b.push(...changes);
    plans++;
  });
  t.is(plans, 3);
  t.is(transactions(), 3);
});

test('transaction: nothing to change is nothing sent', (t) => {
  const { connection, transactions } = kernel([]);
  t.is(
    transact(connection, () => 'result'),
    'result',
  );
  t.is(transactions(), 0);
});

test('transaction: a kernel that does not answer is an error', (t) => {
  t.throws(() => commit(kernel([]).connection, changes));
});
