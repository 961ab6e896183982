package bcast.cluster.gossip;

import bcast.eventbus.Event;
import bcast.storage.StoreView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * One node's side of the cluster protocol: {@link Discovery} finds other nodes,
 * {@link Neighbours} keeps the links, {@link Spread} brings news to all peers and {@link Repair}
 * what was missed. Here inputs find their policy, and the policies each other.
 *
 * <p>Not safe for use by several threads: one thread owns it, and it owns nothing but memory.
 */
public final class Gossip {

    /** Protocol versions spoken. */
    public static final int MIN_VERSION = 1;
    /** Protocol versions spoken. */
    public static final int MAX_VERSION = 1;

    /** Most links at once, those that still greet included. */
    public static final int MAX_LINKS = 128;

    /** A link is dead after so long without a byte: five heartbeats, and well within 10 s. */
    public static final long DEAD_MS = 5_000;

    /** Time between heartbeats. */
    static final long HEARTBEAT_MS = 1_000;

    /** Time for both greetings, from the open link on. */
    static final long GREETING_MS = 5_000;

    /** A node that did not run for so long cannot tell whether its peers are silent. */
    static final long PAUSE_MS = 2_000;

    /** Time between looks at everything that is due. */
    static final long TICK_MS = 100;

    /** Longest time to give a peer what only this node holds, before good-bye. */
    static final long HAND_OVER_MS = 600;

    /** How long a faulty peer is shut out. */
    static final long SHUT_OUT_MS = 60_000;

    /** Most peers remembered as shut out. */
    static final int MAX_SHUT_OUT = 1_024;

    /** Peers compared with at each interval. */
    private static final int ROUNDS_AN_INTERVAL = 2;

    /** Counts records that arrived although they were held. */
    public static final String DUPLICATES = "push_duplicates";
    /** Counts records pushed on links. */
    public static final String PUSHED = "pushed";
    /** Counts peers shut out for sending records that fail the validator. */
    public static final String SHUT_OUT = "peers_shut_out";
    /** Counts links closed because the peer fell silent. */
    public static final String SILENT = "links_silent";
    /** Counts links whose backlog was dropped. */
    public static final String OVERFLOWED = "links_overflowed";

    /**
     * What a node tells its peers of itself.
     *
     * @param node its id
     * @param cluster name of its cluster
     * @param address where it listens; an empty host lets each peer see for itself
     * @param httpPort where it serves clients
     * @param retentionMs its retention
     * @param maxSkewMs how far clocks may be apart
     * @param validator name of its validator
     */
    public record Settings(NodeId node, String cluster, Address address, int httpPort,
            long retentionMs, long maxSkewMs, String validator) {}

    private final Settings settings;
    private final StoreView store;
    private final Random random;
    private final Outbox out = new Outbox();
    private final AddressBook book;
    private final Neighbours neighbours;
    private final Discovery discovery;
    private final Spread spread;
    private final Repair repair;
    private final Answers answers;
    private final Readiness readiness;
    private long tickedMs;
    private boolean wasFull;
    private boolean leaving;
    private boolean left;
    private long handOverUntilMs;

    /**
     * A node without peers.
     *
     * @param settings what it tells its peers
     * @param store what it holds
     * @param random the only source of chance
     * @param now when it starts
     */
    public Gossip(Settings settings, StoreView store, Random random, Now now) {
        this.settings = settings;
        this.store = store;
        this.random = random;
        this.tickedMs = now.steadyMs();
        this.book = new AddressBook(random);
        this.neighbours = new Neighbours(settings, book, out, new PeersComeAndGo());
        this.discovery = new Discovery(settings.node(), neighbours, book, out, random, now);
        RefusedRecords refused = new RefusedRecords();
        this.spread = new Spread(store, neighbours, refused, out);
        this.readiness = new Readiness(neighbours, out, settings.maxSkewMs(), now);
        this.repair = new Repair(store, refused, out, new RepairsLinks(), settings);
        this.answers = new Answers(store, repair::filling, out);
    }

    private final class PeersComeAndGo implements Neighbours.Listener {
        @Override
        public void up(Link link, Now now) {
            heartbeat(link, now);
            discovery.sendPeers(link);
            repair.up(link.number, settings.node().compareTo(link.node()) < 0, now);
            repair.tick(now);
        }

        @Override
        public void down(Link link, Now now) {
            repair.gone(link.number);
            answers.gone(link.number);
        }
    }

    private final class RepairsLinks implements Repair.Links {
        @Override
        public List<Integer> up() {
            return neighbours.peers().stream().filter(link -> !link.peerFull || !leaving)
                    .map(link -> link.number).toList();
        }

        @Override
        public int judging(int number) {
            return neighbours.link(number).map(link -> link.judging).orElse(0);
        }

        @Override
        public void synced() {
            readiness.synced();
        }
    }

    /** {@return when {@link Input.Tick} is due, by the steady clock} */
    public long deadlineMs() {
        return tickedMs + TICK_MS;
    }

    /** {@return bytes of records under judgement; while many, nothing more should be read} */
    public long judgingBytes() {
        return spread.judgingBytes();
    }

    /** {@return how many peers are linked} */
    public int peerCount() {
        return neighbours.peers().size();
    }

    /**
     * Handles one input.
     *
     * @param input what happened
     * @param now when
     * @return what is to be done, in order
     */
    public List<Output> handle(Input input, Now now) {
        if (input instanceof Input.Got got) {
            onGot(got, now);
        } else if (input instanceof Input.Happened happened) {
            onEvent(happened.event(), now);
        } else if (input instanceof Input.Alive alive) {
            neighbours.link(alive.link()).ifPresent(link -> link.heardMs = now.steadyMs());
        } else if (input instanceof Input.Opened opened) {
            neighbours.opened(opened, now);
        } else if (input instanceof Input.DialFailed failed) {
            discovery.dialFailed(failed, now);
        } else if (input instanceof Input.Closed closed) {
            neighbours.closed(closed, now);
        } else if (input instanceof Input.Overflowed overflowed) {
            out.count(OVERFLOWED);
            neighbours.link(overflowed.link()).ifPresent(link -> repair.want(link.number));
        } else if (input instanceof Input.Announced announced) {
            discovery.announced(announced, now);
        } else if (input instanceof Input.Resolved resolved) {
            book.named(resolved.addresses(), now.steadyMs());
        } else if (input instanceof Input.Missed missed) {
            onMissed(missed);
        } else if (input instanceof Input.Leave) {
            leaving = true;
            handOverUntilMs = now.steadyMs() + HAND_OVER_MS;
            repair.handOver(now);
        } else {
            tick(now);
        }
        if (leaving && !left) {
            leaveIfHandedOver(now);
        }
        return out.take();
    }

    private void leaveIfHandedOver(Now now) {
        boolean late = now.steadyMs() >= handOverUntilMs;
        if (late && !repair.handedOver()) {
            out.warn("left before a peer confirmed that it has everything");
        }
        if (late || repair.handedOver()) {
            left = true;
            neighbours.leave();
        }
    }

    /** {@return whether good-bye is said, after {@link Input.Leave}} */
    public boolean left() {
        return left;
    }

    private void tick(Now now) {
        long pause = now.steadyMs() - tickedMs;
        tickedMs = now.steadyMs();
        if (leaving) {
            repair.tick(now);
            return;
        }
        if (pause > PAUSE_MS) {
            out.warn("this node stood still for " + pause + " ms");
            neighbours.forgiveSilence(now);
        }
        neighbours.checkAlive(now);
        for (Link link : neighbours.peers()) {
            if (now.steadyMs() >= link.heartbeatDueMs) {
                heartbeat(link, now);
            }
        }
        discovery.tick(now);
        if (wasFull && !store.full()) {
            neighbours.peers().forEach(link -> repair.want(link.number));
        }
        wasFull = store.full();
        repair.tick(now);
        readiness.tick(wasFull, now);
    }

    private void heartbeat(Link link, Now now) {
        link.heartbeatDueMs = now.steadyMs() + HEARTBEAT_MS;
        long held = link.lastEchoMs < 0 ? 0 : now.steadyMs() - link.lastEchoAtMs;
        out.send(link.number, new Message.Heartbeat(now.steadyMs(), link.lastEchoMs, held,
                now.wallMs(), neighbours.meshHash(), store.full()));
    }

    private void onGot(Input.Got got, Now now) {
        Optional<Link> link = neighbours.link(got.link());
        if (link.isPresent()) {
            onGot(link.get(), got.message(), now);
        } else if (got.message() instanceof Message.Push push) {
            neighbours.retired(got.link()).ifPresent(old -> spread.pushed(old, push));
        }
    }

    private void onGot(Link link, Message message, Now now) {
        link.heardMs = now.steadyMs();
        if (message instanceof Message.Refuse refusal) {
            neighbours.refusedBy(link, refusal, now);
        } else if (link.up()) {
            onMessage(link, message, now);
        } else {
            neighbours.greeted(link, message, now);
        }
    }

    private void onMessage(Link link, Message message, Now now) {
        int number = link.number;
        if (message instanceof Message.Push push) {
            if (push.asked()) {
                repair.received(number, now);
            }
            spread.pushed(link, push);
        } else if (message instanceof Message.Heartbeat heartbeat) {
            onHeartbeat(link, heartbeat, now);
        } else if (message instanceof Message.Peers known) {
            discovery.told(link, known, now);
        } else if (!onQuestion(number, message, now) && !onAnswer(number, message, now)) {
            onRest(link, message, now);
        }
        repair.tick(now);
    }

    /** A part of a round that the peer began. */
    private boolean onQuestion(int number, Message message, Now now) {
        if (message instanceof Message.Given) {
            repair.onGiven(number);
        } else if (message instanceof Message.Done) {
            repair.onDone(number);
        } else if (message instanceof Message.Question) {
            repair.asked(number, now);
            if (answers.allows(number, now)) {
                answer(number, message, now);
            }
        } else {
            return false;
        }
        return true;
    }

    private void answer(int number, Message question, Now now) {
        if (question instanceof Message.Compare compare) {
            answers.onCompare(number, compare);
        } else if (question instanceof Message.AskCells ask) {
            answers.onAskCells(number, ask, now);
        } else if (question instanceof Message.Summary summary) {
            answers.onSummary(number, summary);
        } else if (question instanceof Message.AskKeys ask) {
            answers.onAskKeys(number, ask);
        } else if (question instanceof Message.AskRecords ask) {
            answers.onAskRecords(number, ask);
        } else if (question instanceof Message.AskAll ask) {
            answers.onAskAll(number, ask);
        }
    }

    /** A part of a round that this node began. */
    private boolean onAnswer(int number, Message message, Now now) {
        if (message instanceof Message.Same) {
            repair.onSame(number, now);
        } else if (message instanceof Message.Cells cells) {
            repair.onCells(number, cells, now);
        } else if (message instanceof Message.Differ differ) {
            repair.onDiffer(number, differ, now);
        } else if (message instanceof Message.Keys keys) {
            repair.onKeys(number, keys, now);
        } else if (message instanceof Message.Answered answered) {
            repair.onAnswered(number, answered, now);
        } else if (message instanceof Message.Taken) {
            repair.onTaken(number, now);
        } else {
            return false;
        }
        return true;
    }

    private void onRest(Link link, Message message, Now now) {
        if (message instanceof Message.Bye bye) {
            neighbours.left(link, bye, now);
        } else {
            neighbours.hangUp(link, "unexpected " + message.getClass().getSimpleName(), now);
        }
    }

    private void onHeartbeat(Link link, Message.Heartbeat heartbeat, Now now) {
        link.lastEchoMs = heartbeat.sentMs();
        link.lastEchoAtMs = now.steadyMs();
        if (heartbeat.echoMs() >= 0) {
            long roundTrip = now.steadyMs() - heartbeat.echoMs() - heartbeat.heldMs();
            link.roundTripMs = Math.max(0, roundTrip);
        }
        long travel = Math.max(0, link.roundTripMs) / 2;
        link.clockOffsetMs = heartbeat.wallMs() + travel - now.wallMs();
        link.clockKnown = true;
        link.peerMeshHash = heartbeat.meshHash();
        if (link.peerFull && !heartbeat.full()) {
            repair.want(link.number);
        }
        link.peerFull = heartbeat.full();
    }

    private void onEvent(Event event, Now now) {
        if (event instanceof Event.Accepted accepted) {
            spread.accepted(accepted).ifPresent(repair::gained);
        } else if (event instanceof Event.Refused refused) {
            spread.refused(refused, now);
        } else if (event instanceof Event.Broadcast) {
            onInterval();
        }
        if (repair.busy()) {
            repair.tick(now);
        }
    }

    /** Compares the store with some peers, so that what pushes and rounds missed arrives. */
    private void onInterval() {
        readiness.repeat();
        List<Link> others = new ArrayList<>(neighbours.peers());
        for (int i = 0; i < ROUNDS_AN_INTERVAL && !others.isEmpty(); i++) {
            repair.want(others.remove(random.nextInt(others.size())).number);
        }
    }

    private void onMissed(Input.Missed missed) {
        out.warn(missed.count() + " events were lost under load; repair brings them over");
        spread.forget();
        neighbours.peers().forEach(link -> repair.want(link.number));
    }
}
