package bcast.cluster.gossip;

import bcast.cluster.Members;
import bcast.data.Data;
import bcast.eventbus.Event;
import bcast.storage.StoreView;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One node's side of the cluster protocol: {@link Discovery} finds other nodes, {@link Overlay}
 * chooses neighbours among them and {@link Neighbours} keeps the links, {@link Spread} brings news
 * to all along the {@link Tree}, {@link Grafts} mends that and {@link Repair} brings what was
 * missed all the same. Here inputs find their policy, and the policies each other.
 *
 * <p>Not safe for use by several threads: one thread owns it, and it owns nothing but memory.
 */
public final class Gossip {

    /** How a node is until it ticks. */
    public static final Event.Health AT_FIRST =
            new Event.Health("sync", Optional.of("looking for peers"));

    /** Most links at once, those that still greet included. */
    public static final int MAX_LINKS = Overlay.MAX_LINKS;

    /** A node that did not run for so long cannot tell whether its peers are silent. */
    static final long PAUSE_MS = 2_000;

    /** Time between looks at everything that is due. */
    static final long TICK_MS = 100;

    /** Longest time to give a peer what only this node holds, before good-bye. */
    public static final long HAND_OVER_MS = 8_000;

    /** A record may be on its way for so long in a mesh. */
    static final long SETTLE_MS = 500;

    /** The same where records take many hops: a dozen, of up to 100 ms each. */
    static final long SETTLE_TREE_MS = 2_000;

    /** Under load events are lost again and again, which is said so often. */
    private static final long MISSED_SAY_MS = 10_000;

    /** Peers compared with at each interval. */
    private static final int ROUNDS_AN_INTERVAL = 2;

    /** Counts records that arrived on links, whether they were new or not. */
    public static final String RECEIVED = "push_received";
    /** Counts records that arrived although they were held. */
    public static final String DUPLICATES = "push_duplicates";
    /** Counts records pushed on links. */
    public static final String PUSHED = "pushed";
    /** Counts changes of the parent in the tree. */
    public static final String PARENT_CHANGES = "tree_parent_changes";
    /** Counts rounds begun to compare stores. */
    public static final String ROUNDS = "sync_rounds";
    /** Counts those that found the stores different. */
    public static final String ROUNDS_DIFFERENT = "sync_rounds_different";
    /** Counts links whose backlog was dropped. */
    public static final String OVERFLOWED = "links_overflowed";

    private final NodeSettings settings;
    private final StoreView store;
    private final Random random;
    private final Outbox out = new Outbox();
    private final Overlay overlay;
    private final Neighbours neighbours;
    private final QuestionLimit limit;
    private final Tree tree;
    private final Grafts grafts;
    private final Acks acks;
    private final Spread spread;
    private final CatchUp catchUp;
    private final Rush rush;
    private final Repair repair;
    private final Answers answers;
    private final Readiness readiness;
    private final Heartbeats heartbeats;
    /** Links of rounds that are over. */
    private final Set<Integer> over = new LinkedHashSet<>();
    private Optional<Data> lastAccepted = Optional.empty();
    private long missedSayMs;
    private long tickedMs;
    private boolean wasFull;
    private boolean leaving;
    private boolean left;
    private boolean linkedAtLast;
    private long handOverUntilMs;
    private long keepsIdUntilMs = Long.MIN_VALUE;

    /**
     * A node without peers.
     *
     * @param settings what it tells its peers
     * @param store what it holds
     * @param random the only source of randomness
     * @param now when it starts
     */
    public Gossip(NodeSettings settings, StoreView store, Random random, Now now) {
        this(settings, store, random, Optional.empty(), now);
    }

    private Gossip(NodeSettings settings, StoreView store, Random random, Optional<Overlay> before,
            Now now) {
        this.settings = settings;
        this.store = store;
        this.random = random;
        this.tickedMs = now.steadyMs();
        this.rush = new Rush(now);
        this.overlay = new Overlay(settings, store, before, this::inTree, out, random,
                new LinksComeAndGo(), now);
        this.neighbours = overlay.neighbours();
        this.limit = new QuestionLimit(neighbours, out);
        this.tree = new Tree(settings.node(), neighbours, store::full, out);
        RefusedRecords refused = new RefusedRecords();
        Wanted wanted = new Wanted(refused, settings);
        this.grafts = new Grafts(wanted, neighbours, tree, out);
        this.acks = new Acks(neighbours, out);
        this.spread = new Spread(store, neighbours, overlay::mesh, tree, grafts, acks, refused,
                out, settings);
        this.readiness = new Readiness(neighbours, out, settings.maxSkewMs(), now);
        this.repair = new Repair(store, wanted, out, new RepairsLinks(), settings);
        this.catchUp = new CatchUp(store, neighbours, spread, overlay::mesh, out, repair::want);
        this.answers = new Answers(wanted, spread, repair, out);
        this.heartbeats = new Heartbeats(store, overlay, tree, grafts, repair, out);
    }

    /**
     * What {@link Output.NewId} asks for: the same node under another id. It has no links, and
     * begins anew with all that depends on links or the id; the rest it takes over.
     *
     * @param node the id
     * @param now the time
     * @return what takes this one's place
     */
    public Gossip as(NodeId node, Now now) {
        Gossip next = new Gossip(settings.as(node), store, random, Optional.of(overlay), now);
        next.readiness.follow(readiness);
        next.acks.follow(acks, now);
        next.spread.follow(spread);
        next.keepsIdUntilMs = now.steadyMs() + Twins.KEEP_ID_MS;
        return next;
    }

    /** {@return this node's id} */
    public NodeId node() {
        return settings.node();
    }

    private boolean inTree(Link link) {
        return tree.has(link);
    }

    private final class LinksComeAndGo implements LinkEvents {
        @Override
        public void parting(Link link) {
            spread.flush(link);
            grafts.flush(link);
        }

        @Override
        public void up(Link link, Now now) {
            heartbeats.send(link, now);
            tree.up(link, now.steadyMs());
            if (link.neighbour()) {
                overlay.welcome(link, now);
                repair.up(link.number(), settings.node().compareTo(link.node()) < 0, now);
            } else if (link.dialled().isPresent()) {
                repair.want(link.number());
            }
            repair.tick(now);
        }

        @Override
        public void adopted(Link link, Now now) {
            heartbeats.send(link, now);
            tree.up(link, now.steadyMs());
            overlay.welcome(link, now);
        }

        @Override
        public void down(Link link, Now now) {
            spread.gone(link);
            repair.gone(link.number());
            answers.gone(link.number());
        }
    }

    private final class RepairsLinks implements Repair.Links {
        @Override
        public List<Integer> up() {
            return neighbours.peers().stream().filter(link -> !link.heartbeat().full() || !leaving)
                    .map(Link::number).toList();
        }

        @Override
        public StoreView store(int number) {
            return neighbours.link(number).map(Link::store).orElse(store);
        }

        @Override
        public int peerRecords(int number) {
            return neighbours.link(number).map(link -> link.heartbeat().records()).orElse(-1);
        }

        @Override
        public long clockOffsetMs(int number, Now now) {
            return neighbours.link(number).map(link -> link.clockOffsetMs(now)).orElse(0L);
        }

        @Override
        public int judging(int number) {
            return neighbours.link(number).map(spread::judging).orElse(0);
        }

        @Override
        public long settleMs(int number, boolean young) {
            // A visit is in no hurry, and a clock may be wrong about what is young.
            boolean visit = neighbours.link(number).filter(link -> !link.neighbour()).isPresent();
            if (!young && !visit) {
                return 0;
            }
            boolean oneHop = settings.flushWindowMs() == 0 && neighbours.fullMesh();
            return oneHop ? SETTLE_MS : SETTLE_TREE_MS;
        }

        @Override
        public void nonsense(int number, Now now) {
            neighbours.link(number).ifPresent(link ->
                    neighbours.fault(link, Fault.NONSENSE, now));
        }

        @Override
        public void synced(Now now) {
            readiness.synced(store.isEmpty(), now);
        }

        @Override
        public boolean rush(Now now) {
            return rush.isOn(now);
        }

        @Override
        public void over(int number) {
            over.add(number);
        }
    }

    /** {@return when {@link Input.Tick} is due, by the steady clock} */
    public long deadlineMs() {
        return Math.min(tickedMs + TICK_MS, spread.flushDueMs());
    }

    /** {@return bytes of records under judgement; while many, nothing more should be read} */
    public long judgingBytes() {
        return spread.judgingBytes();
    }

    /** {@return how many neighbours there are} */
    public int peerCount() {
        return neighbours.peers().size();
    }

    /**
     * Tells how far clocks are apart.
     *
     * @param now the time
     * @return the largest difference between this node's wall clock and that of a neighbour, in
     *     milliseconds; 0 if none was measured
     */
    public long clocksApartMs(Now now) {
        return ClockWatch.known(neighbours.peers()).stream()
                .mapToLong(link -> Math.abs(link.clockOffsetMs(now))).max().orElse(0);
    }

    /** {@return the numbers of the links to neighbours} */
    public Set<Integer> neighbours() {
        return neighbours.peers().stream().map(Link::number).collect(Collectors.toSet());
    }

    /**
     * Lists all nodes known.
     *
     * @param now the time
     * @return this node's view
     */
    public Members members(Now now) {
        return new Members(settings.node().toString(), settings.address().toString(),
                tree.root().map(NodeId::toString), tree.parent().map(NodeId::toString),
                repair.toGo(), MembersSeen.of(settings.node(), overlay, now));
    }

    /**
     * Handles one input.
     *
     * @param input what happened
     * @param now when
     * @return what is to be done, in order
     */
    public List<Output> handle(Input input, Now now) {
        if (input instanceof Input.Tick) {
            tick(now);
        } else if (input instanceof Input.Got got) {
            onGot(got, now);
        } else if (input instanceof Input.Happened happened) {
            onEvent(happened.event(), now);
        } else if (input instanceof Input.Alive alive) {
            neighbours.link(alive.link()).ifPresent(link -> link.heard(now));
        } else if (input instanceof Input.Opened opened) {
            overlay.opened(opened, now);
        } else if (input instanceof Input.DialFailed failed) {
            overlay.dialFailed(failed, now);
        } else if (input instanceof Input.Closed closed) {
            overlay.closed(closed, now);
        } else if (input instanceof Input.Overflowed overflowed) {
            out.count(OVERFLOWED);
            neighbours.link(overflowed.link()).ifPresent(link ->
                    catchUp.behind(link, overflowed.first()));
        } else if (input instanceof Input.Drained drained) {
            neighbours.link(drained.link()).ifPresent(catchUp::room);
        } else if (input instanceof Input.Announced announced) {
            overlay.announced(announced, now);
        } else if (input instanceof Input.Resolved resolved) {
            overlay.resolved(resolved, now);
        } else if (input instanceof Input.Missed missed) {
            onMissed(missed, now);
        } else if (input instanceof Input.Leave) {
            leaving = true;
            linkedAtLast = !neighbours.peers().isEmpty();
            handOverUntilMs = now.steadyMs() + HAND_OVER_MS;
            // Rounds see to it that each gets what it lacks.
            neighbours.peers().forEach(spread::resume);
            repair.handOver(now);
        }
        endVisits(now);
        if (tree.hasToTell()) {
            tree.takeToTell().forEach(number -> neighbours.link(number)
                    .filter(Link::neighbour)
                    .ifPresent(link -> heartbeats.send(link, now)));
        }
        spread.flush(now);
        if (leaving && !left) {
            leaveIfHandedOver(now);
        }
        if (out.sends()) {
            out.forEachSentOn(number ->
                    neighbours.link(number).ifPresent(link -> heartbeats.sent(link, now)));
        }
        return out.take();
    }

    private void endVisits(Now now) {
        if (over.isEmpty()) {
            return;
        }
        for (int number : List.copyOf(over)) {
            neighbours.link(number).filter(link -> !link.neighbour() && link.dialled().isPresent())
                    .ifPresent(link -> overlay.endVisit(link, now));
        }
        over.clear();
    }

    private void leaveIfHandedOver(Now now) {
        boolean late = now.steadyMs() >= handOverUntilMs;
        // Nothing can be lost that is not held.
        boolean empty = store.isEmpty();
        if (late || empty || repair.handedOver()) {
            if (linkedAtLast && !empty && !repair.gaveAll()) {
                out.warn("left before a peer confirmed that it has everything");
            }
            left = true;
            spread.flushAll();
            overlay.leave(new LinkMessage.Bye("stopped", false));
        }
    }

    /** {@return whether good-bye is said, after {@link Input.Leave}} */
    public boolean left() {
        return left;
    }

    private void tick(Now now) {
        long pause = now.steadyMs() - tickedMs;
        tickedMs = now.steadyMs();
        rush.tick(now);
        if (pause > 2 * TICK_MS) {
            repair.forgiveSilence(pause);
        }
        if (leaving) {
            repair.tick(now);
            return;
        }
        if (pause > PAUSE_MS) {
            out.warn("this node stood still for " + pause + " ms");
            overlay.forgiveSilence(now);
        }
        overlay.closeSilent(now);
        tree.tick(now.steadyMs());
        heartbeats.tick(now);
        overlay.tick(now);
        grafts.tick(now);
        acks.tick(now);
        if (wasFull && !store.full()) {
            neighbours.peers().forEach(link -> repair.want(link.number()));
        }
        wasFull = store.full();
        repair.tick(now);
        readiness.tick(wasFull, now);
    }

    private void onGot(Input.Got got, Now now) {
        Optional<Link> link = neighbours.link(got.link());
        if (link.isPresent()) {
            onGot(link.get(), got.message(), now);
        } else if (got.message() instanceof SpreadMessage.Push push) {
            overlay.retired(got.link()).ifPresent(old -> spread.pushed(old, push, now));
        } else if (got.message() instanceof OverlayMessage.Peers known) {
            overlay.retired(got.link()).ifPresent(old ->
                    overlay.on(old, known, now));
        } else if (got.message() instanceof LinkMessage.Twin twin) {
            overlay.retired(got.link()).filter(Link::greetedOnly)
                    .ifPresent(old -> onTwin(old, twin, now));
        }
    }

    /** Two nodes have this id: this one takes another. */
    private void onTwin(Link link, LinkMessage.Twin twin, Now now) {
        if (!overlay.isTwin(link, twin, now) || leaving || now.steadyMs() < keepsIdUntilMs) {
            return;
        }
        NodeId fresh = overlay.newId(twin, now);
        out.warn("another node has the id " + settings.node() + " of this node, reports the one at "
                + link + ": both were resumed from one snapshot, such as of a virtual machine. "
                + "This node goes on as " + fresh + " and links anew; restart copied nodes, since "
                + "they may share other random numbers too");
        overlay.leave(new LinkMessage.Bye("it takes another id", true));
        out.add(new Output.NewId(fresh));
    }

    private void onGot(Link link, Message message, Now now) {
        link.heard(now);
        if (message instanceof LinkMessage.Refuse refusal) {
            overlay.refused(link, refusal, now);
        } else if (message instanceof LinkMessage.Twin twin && link.greetedOnly()) {
            onTwin(link, twin, now);
        } else if (link.up()) {
            onMessage(link, message, now);
        } else {
            overlay.greeted(link, message, now);
        }
    }

    private void onMessage(Link link, Message message, Now now) {
        if (!(message instanceof Message.Question) || limit.allows(link, now)) {
            dispatch(link, message, now);
        }
        if (repair.busy()) {
            repair.tick(now);
        }
    }

    private void dispatch(Link link, Message message, Now now) {
        if (message instanceof SpreadMessage spreading) {
            onSpread(link, spreading, now);
        } else if (message instanceof RepairMessage repairing) {
            onRepair(link, repairing, now);
        } else if (message instanceof OverlayMessage walking) {
            overlay.on(link, walking, now);
        } else if (message instanceof LinkMessage.Heartbeat heartbeat) {
            heartbeats.on(link, heartbeat, now);
        } else if (message instanceof LinkMessage.Bye bye) {
            overlay.left(link, bye, now);
        } else {
            overlay.hangUp(link, "unexpected " + message.getClass().getSimpleName(), now);
        }
    }

    private void onSpread(Link link, SpreadMessage message, Now now) {
        if (message instanceof SpreadMessage.Push push) {
            if (push.asked()) {
                repair.received(link.number(), now);
            }
            spread.pushed(link, push, now);
        } else if (message instanceof SpreadMessage.Held held) {
            acks.held(held);
        } else if (!link.neighbour()) {
            // A visitor has no place in the tree, but may tell of another one.
            if (message instanceof SpreadMessage.Beacon beacon
                    && tree.joinedBy(beacon, now.steadyMs())) {
                overlay.adopt(link, now);
            }
        } else if (message instanceof SpreadMessage.Beacon beacon) {
            tree.onBeacon(link, beacon, now.steadyMs());
        } else if (message instanceof SpreadMessage.IHave have) {
            grafts.onIHave(link, have, now);
        } else if (message instanceof SpreadMessage.Graft graft) {
            grafts.onGraft(link, graft);
        } else if (message instanceof SpreadMessage.Gone gone) {
            grafts.onGone(link, gone, now);
        }
    }

    private void onRepair(Link link, RepairMessage message, Now now) {
        int number = link.number();
        if (message instanceof RepairMessage.Given) {
            repair.onGiven(number);
        } else if (message instanceof RepairMessage.Done done) {
            repair.onDone(number);
            answers.done(number, done.round());
        } else if (message instanceof RepairMessage.Question question) {
            repair.asked(number, question, now);
            answers.on(link, question, now);
        } else if (message instanceof RepairMessage.Answer answer) {
            repair.answered(number, answer, now);
        }
    }

    private void onEvent(Event event, Now now) {
        if (event instanceof Event.Accepted accepted) {
            lastAccepted = Optional.of(accepted.data());
            rush.accepted(now);
            spread.accepted(accepted, now).ifPresent(this::gained);
        } else if (event instanceof Event.Refused refused) {
            spread.refused(refused, now);
        } else if (event instanceof Event.Confirm confirm) {
            acks.want(confirm.data(), confirm.again(), now);
        } else if (event instanceof Event.Broadcast) {
            onInterval();
        } else if (event instanceof Event.KeysChanged) {
            spread.keysChanged();
            neighbours.peers().forEach(link -> repair.want(link.number()));
        }
        if (repair.busy()) {
            repair.tick(now);
        }
    }

    /** A record that was asked for, or given in a round, was new here. */
    private void gained(int number) {
        if (neighbours.link(number).isPresent()) {
            repair.gained(number);
        } else {
            repair.wantAllBut(number);
        }
    }

    /** Compares the store with some peers, so that what pushes and rounds missed arrives. */
    private void onInterval() {
        readiness.repeat();
        List<Link> others = new ArrayList<>(neighbours.peers());
        others.removeIf(spread::paused);
        for (int i = 0; i < ROUNDS_AN_INTERVAL && !others.isEmpty(); i++) {
            repair.want(others.remove(random.nextInt(others.size())).number());
        }
    }

    private void onMissed(Input.Missed missed, Now now) {
        if (now.steadyMs() >= missedSayMs) {
            missedSayMs = now.steadyMs() + MISSED_SAY_MS;
            out.warn(missed.count() + " events were lost under load; peers are told all the same");
        }
        spread.forget();
        neighbours.peers().forEach(link -> catchUp.behind(link, lastAccepted));
    }
}
