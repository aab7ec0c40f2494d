/**
 * The conversation with a kernel that is a function: what a real one does rarely, or never on
 * demand.
 */
import test, { type ExecutionContext } from 'ava';
import { askTogether, connect, type Connection } from '../../src/netlink/connection.ts';
import { NLM_F_DUMP } from '../../src/netlink/constants.ts';
import { EAGAIN, EBUSY, ENOBUFS, EPERM } from '../../src/sys/errno.ts';
import { CodecError, NetlinkError, netlinkError } from '../../src/errors.ts';
import { fakeSocket, type FakeSocket } from '../../src/netlink/fake.ts';
import { decode, encode, type Frame } from '../../src/netlink/codec/frame.ts';
import { addAddr, listAddrs, addrObject } from '../../src/rtnl/addr/verbs.ts';
import { pick } from '../../src/netlink/codec/pick.ts';
import { link as linkMessage } from '../../src/rtnl/link/message.ts';
import { addLink, getLink, listLinks } from '../../src/rtnl/link/verbs.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';

type Reply = Partial<Frame> & Pick<Frame, 'type'>;

const bytes = (...replies: readonly Reply[]): Uint8Array => {
  const parts = replies.map((reply) =>
    encode(rtnetlink, { flags: [], seq: 0, pid: 1, payload: {}, ...reply }),
  );
  return Uint8Array.from(parts.flatMap((part) => [...part]));
};

const link = (seq: number, index: number, flags: Frame['flags'] = ['NLM_F_MULTI']): Reply => ({
  type: 'RTM_NEWLINK',
  flags,
  seq,
  payload: { index, attrs: { ifname: `link${index}` } },
});
const done = (seq: number, payload: object = { error: 0 }, flags: Frame['flags'] = []): Reply => ({
  type: 'NLMSG_DONE',
  flags: ['NLM_F_MULTI', ...flags],
  seq,
  payload,
});
const ack = (seq: number, error = 0, attrs?: object): Reply => ({
  type: 'NLMSG_ERROR',
  flags: ['NLM_F_CAPPED', ...(attrs === undefined ? [] : ['NLM_F_ACK_TLVS'])],
  seq,
  payload: { error, request: { len: 16 }, attrs },
});

/** A connection whose kernel answers each datagram with the replies to its frames. */
function conversation(answer: (frames: readonly Frame[], nth: number) => readonly Uint8Array[]): {
  rt: Connection;
  socket: FakeSocket;
  sent: Frame[][];
} {
  const sent: Frame[][] = [];
  const socket = fakeSocket((datagram) => {
    const frames = decode(rtnetlink, datagram);
    sent.push(frames);
    return answer(frames, sent.length);
  });
  return { rt: connect(rtnetlink, socket), socket, sent };
}

const refused = (t: ExecutionContext, act: () => unknown): NetlinkError =>
  t.throws(act, { instanceOf: NetlinkError })!;

test('connection: a reply to an earlier request is dropped by its sequence number', (t) => {
  const { rt } = conversation(([frame]) => [
    bytes(link(frame!.seq - 1, 7, []), ack(frame!.seq - 1, -EBUSY)),
    bytes(link(frame!.seq, 2, [])),
  ]);
  t.is(rt.get(getLink(2)).index, 2);
});

test('connection: two dumps at once each give all their objects, the first is read to its end before the second', (t) => {
  const { rt, sent } = conversation(([frame]) => [
    bytes(link(frame!.seq, 1), link(frame!.seq, 2)),
    bytes(link(frame!.seq, 3), done(frame!.seq)),
  ]);
  const [one, other] = [rt.dump(listLinks()), rt.dump(listLinks())];
  const read = (from: typeof one): number | undefined => from.next().value?.index;
  t.deepEqual([read(one), read(other), read(one), read(other)], [1, 1, 2, 2]);
  t.is(sent.length, 2);
  t.deepEqual(
    [...one, ...other].map(({ index }) => index),
    [3, 3],
  );
});

test('connection: a dump that is left early leaves nothing on the socket', (t) => {
  const { rt, socket } = conversation(([frame]) => [
    bytes(link(frame!.seq, 1)),
    bytes(link(frame!.seq, 2), done(frame!.seq)),
  ]);
  for (const each of rt.dump(listLinks())) {
    t.is(each.index, 1);
    break;
  }
  t.is(socket.tryReceive(), undefined);
});

test('connection: a dump that is never read is not sent', (t) => {
  const { rt, sent } = conversation(() => []);
  rt.dump(listLinks()).return!();
  t.is(sent.length, 0);
});

test('connection: an interrupted dump is asked for again', (t) => {
  const { rt, sent } = conversation(([frame], nth) => [
    bytes(
      link(frame!.seq, nth),
      done(frame!.seq, { error: 0 }, nth < 3 ? ['NLM_F_DUMP_INTR'] : []),
    ),
  ]);
  t.deepEqual(
    rt.list(listLinks()).map(({ index }) => index),
    [3],
  );
  t.is(sent.length, 3);
});

test('connection: a dump that is interrupted every time is an error that says how often', (t) => {
  const { rt, sent } = conversation(([frame]) => [
    bytes(link(frame!.seq, 1, ['NLM_F_MULTI', 'NLM_F_DUMP_INTR']), done(frame!.seq)),
  ]);
  const error = refused(t, () => rt.list(listLinks()));
  t.is(error.code, 'EINTR');
  t.is(error.attempts, 11);
  t.is(sent.length, 11);
  t.regex(error.message, /in each of 11 attempts/);
});

test('connection: a streamed dump reports at its end that it was interrupted', (t) => {
  const { rt } = conversation(([frame]) => [
    bytes(link(frame!.seq, 1), done(frame!.seq, { error: 0 }, ['NLM_F_DUMP_INTR'])),
  ]);
  const dump = rt.dump(listLinks());
  t.is(dump.next().value!.index, 1);
  t.is(refused(t, () => dump.next()).code, 'EINTR');
  t.true(dump.next().done);
});

test('connection: an errno in NLMSG_DONE is an error, not an empty list', (t) => {
  const attrs = { msg: 'ipv4: FIB table does not exist' };
  const { rt } = conversation(([frame]) => [
    bytes(done(frame!.seq, { error: -2, attrs }, ['NLM_F_ACK_TLVS'])),
  ]);
  const error = refused(t, () => rt.list(listLinks()));
  t.is(error.code, 'ENOENT');
  t.is(error.ack.text, attrs.msg);
});

test('connection: a warning at the end of a dump is kept', (t) => {
  const attrs = { msg: 'some are not shown' };
  const { rt } = conversation(([frame]) => [
    bytes(link(frame!.seq, 1), done(frame!.seq, { error: 0, attrs }, ['NLM_F_ACK_TLVS'])),
  ]);
  const dump = rt.dump(listLinks());
  t.is([...dump].length, 1);
  t.is(dump.warning, attrs.msg);
});

test('connection: a message of a dump that cannot be read is an error, and the end beside it is seen', (t) => {
  const broken = bytes(link(1, 1), done(1));
  // IFLA_IFNAME claims to be longer than the message.
  broken[32] = 0xff;
  const { rt } = conversation((_, nth) => [nth === 1 ? broken : bytes(link(2, 5), done(2))]);
  t.throws(() => rt.list(listLinks()), { instanceOf: CodecError });
  t.deepEqual(
    rt.list(listLinks()).map(({ index }) => index),
    [5],
  );
});

test('connection: what the kernel says it could not send of a dump is an error, never a list that looks complete', (t) => {
  const { rt } = conversation(([frame], nth) => [
    bytes(link(frame!.seq, 1)),
    bytes({
      type: 'NLMSG_OVERRUN',
      flags: ['NLM_F_MULTI'],
      seq: frame!.seq,
      payload: new Uint8Array(0),
    }),
    bytes(link(frame!.seq, nth), done(frame!.seq)),
  ]);
  t.is(refused(t, () => rt.list(listLinks())).code, 'ENOBUFS');
  t.is(refused(t, () => [...rt.dump(listLinks())]).code, 'ENOBUFS');
});

test('connection: sequence numbers begin somewhere else each time, and those of a recorded conversation at one', (t) => {
  const first = (firstSequence?: number): number => {
    const { sent, socket } = conversation(([frame]) => [bytes(ack(frame!.seq))]);
    const rt = connect(rtnetlink, Object.assign(Object.create(socket), { firstSequence }));
    rt.request(addLink({ ifname: 'a', kind: 'dummy' }));
    return sent[0]![0]!.seq;
  };
  t.is(first(1), 1);
  t.is(new Set(Array.from({ length: 100 }, () => first())).size, 100);
});

test('connection: messages lost in a dump are an error, and the rest is read off', (t) => {
  const { rt, socket } = conversation(() => []);
  socket.deliver(netlinkError(ENOBUFS, 'recv'));
  socket.deliver(bytes(link(1, 2), done(1)));
  t.is(refused(t, () => rt.list(listLinks())).code, 'ENOBUFS');
  t.is(socket.tryReceive(), undefined);
});

test('connection: a warning of a change is returned', (t) => {
  const { rt } = conversation(([frame]) => [bytes(ack(frame!.seq, 0, { msg: 'deprecated' }))]);
  t.is(rt.request(addLink({ ifname: 'x', kind: 'dummy' })).warning, 'deprecated');
});

test('connection: a refusal has the kernel’s words, the path of the attribute and what is accepted', (t) => {
  const spec = { ifname: 'x', kind: 'ipvlan', data: { mode: 9 } } as const;
  const { rt } = conversation(([frame]) => {
    const offs = encode(rtnetlink, frame!).length - 4;
    const policy = { type: 'u16', minValueU: 0n, maxValueU: 2n };
    return [bytes(ack(frame!.seq, -34, { msg: 'out of range', offs, policy }))];
  });
  const error = refused(t, () => rt.request(addLink(spec)));
  t.is(error.code, 'ERANGE');
  t.is(error.subject, 'x');
  t.is(error.attribute, 'IFLA_LINKINFO/IFLA_INFO_DATA/IFLA_IPVLAN_MODE');
  t.is(error.ack.policy, 'u16 0..2');
  t.is(
    error.message,
    'RTM_NEWLINK "x": ERANGE at IFLA_LINKINFO/IFLA_INFO_DATA/IFLA_IPVLAN_MODE: "out of range", accepted is u16 0..2',
  );
});

test('connection: a missing attribute is named', (t) => {
  const { rt } = conversation(([frame]) => [
    bytes(ack(frame!.seq, -22, { msg: 'required attribute missing', missType: 2 })),
  ]);
  const error = refused(t, () => rt.request(addAddr({ index: 2, local: '192.0.2.2/24' })));
  t.is(error.ack.missing, 'IFA_LOCAL');
  t.is(error.attribute, 'IFA_LOCAL');
});

test('connection: errors of a batch belong to the messages that caused them', (t) => {
  const { rt, sent } = conversation((frames) =>
    frames.map(({ seq, payload }) => {
      const { index } = payload as { index: number };
      return bytes(ack(seq, index % 3 === 0 ? -17 : 0, index === 1 ? { msg: 'hm' } : undefined));
    }),
  );
  const requests = Array.from({ length: 300 }, (_, i) =>
    addAddr({ index: i, local: '192.0.2.2/24' }),
  );
  const answers = rt.batch(requests);
  t.is(answers.length, 300);
  t.deepEqual(
    answers.flatMap(({ error }) => error?.index ?? []),
    Array.from({ length: 100 }, (_, i) => 3 * i),
  );
  t.is(answers[1]!.warning, 'hm');
  t.deepEqual(
    sent.map((frames) => frames.length),
    [128, 128, 44],
  );
});

test('connection: objects and a list that are asked for together have their own answers', (t) => {
  for (const interrupted of [false, true]) {
    const { rt, sent } = conversation(([one, missing, all]) => [
      bytes(link(one!.seq, 7, []), ack(missing!.seq, -19)),
      bytes(link(all!.seq, 1), link(all!.seq, 2)),
      bytes(done(all!.seq, { error: 0 }, interrupted ? ['NLM_F_DUMP_INTR'] : [])),
    ]);
    const list = { ...listLinks(), flags: NLM_F_DUMP };
    const answers = askTogether(rt, [getLink(7), getLink(8), list]);
    t.deepEqual(
      answers.map(({ replies }) => replies.map(({ index }: { index: number }) => index)),
      [[7], [], [1, 2]],
    );
    t.deepEqual(
      answers.map(({ errno }) => errno),
      [0, 19, 0],
    );
    t.is(answers[2]!.interrupted ?? false, interrupted);
    t.is(sent.length, 1);
  }
});

test('connection: a single reply is the whole answer, whatever its flags say', (t) => {
  const { rt } = conversation(([one]) => [bytes(link(one!.seq, 7, ['NLM_F_MULTI']))]);
  t.is(rt.get(getLink(7)).index, 7);
});

test('connection: a batch with a value that has no bytes sends nothing', (t) => {
  const { rt, sent } = conversation(() => []);
  const good = addAddr({ index: 2, local: '192.0.2.2/24' });
  const requests = [
    ...Array.from({ length: 200 }, () => good),
    addAddr({ index: 2, local: 'x/24' }),
  ];
  t.throws(() => rt.batch(requests), { instanceOf: CodecError, message: /^RTM_NEWADDR/ });
  t.is(sent.length, 0);
  t.deepEqual(rt.batch([]), []);
});

test('connection: answers that are echoes are asked for in smaller datagrams', (t) => {
  const NLM_F_ECHO = 8;
  const { rt, sent } = conversation((frames) => frames.map(({ seq }) => bytes(ack(seq))));
  const request = { ...addAddr({ index: 2, local: '192.0.2.2/24' }), flags: NLM_F_ECHO };
  rt.batch(Array.from({ length: 20 }, () => request));
  t.deepEqual(
    sent.map((frames) => frames.length),
    [16, 4],
  );
});

test('connection: a second dump while a batch waits is a matter of order', (t) => {
  const { rt } = conversation((frames) =>
    frames.flatMap(({ type, seq }) =>
      type === 'RTM_GETADDR'
        ? [
            bytes({
              type: 'RTM_NEWADDR',
              flags: ['NLM_F_MULTI'],
              seq,
              payload: { family: 'inet', prefixlen: 24, attrs: { local: '192.0.2.1' } },
            }),
            bytes(done(seq)),
          ]
        : [bytes(ack(seq))],
    ),
  );
  const dump = rt.dump(listAddrs());
  const first = dump.next().value!;
  rt.batch([addAddr({ index: 2, local: '192.0.2.2/24' })]);
  t.is(addrObject(first).local, '192.0.2.1/24');
  t.true(dump.next().done);
});

test('connection: a dump is read by a reader of the caller, and becomes what the caller makes of it', (t) => {
  const link = (seq: number, index: number): Uint8Array =>
    bytes({
      type: 'RTM_NEWLINK',
      flags: ['NLM_F_MULTI'],
      seq,
      payload: { index, attrs: { ifname: `v${index}`, mtu: 1400 } },
    });
  const { rt } = conversation(([frame]) => [
    link(frame!.seq, 1),
    link(frame!.seq, 2),
    bytes(done(frame!.seq)),
  ]);
  const reader = pick(linkMessage, ['mtu']);
  t.deepEqual(
    rt.list(listLinks(), { reader }).map(({ attrs }) => attrs),
    [{ mtu: 1400 }, { mtu: 1400 }],
  );
  const second = rt.dump(listLinks(), {
    reader,
    as: ({ index, attrs }) => (index === 2 ? attrs.mtu : undefined),
  });
  t.deepEqual([...second], [1400]);
});

test('connection: silence ends with the error of the socket', (t) => {
  const { rt } = conversation(() => []);
  t.is(refused(t, () => rt.get(getLink(1))).errno, EAGAIN);
});

test('connection: nfnetlink refuses a datagram without privilege by one answer, which holds for all', (t) => {
  const { rt } = conversation(([frame]) => [bytes(ack(frame!.seq, -EPERM))]);
  const answers = rt.batch([getLink(2), getLink(3)]);
  t.deepEqual(
    answers.map(({ error }) => `${error?.code} ${error?.subject} ${error?.index}`),
    ['EPERM index 2 0', 'EPERM index 3 1'],
  );
});

test('connection: rtnetlink refuses each message by itself', (t) => {
  const { rt } = conversation(([first, second]) => [
    bytes(ack(first!.seq, -EPERM)),
    bytes(link(second!.seq, 3, [])),
    bytes(ack(second!.seq)),
  ]);
  const [refusal, answer] = rt.batch([getLink(2), getLink(3)]);
  t.is(refusal!.errno, EPERM);
  t.is(answer!.errno, 0);
  t.is((answer!.replies[0] as { index: number }).index, 3);
});
