package bcast.cluster.gossip.overlay;

import bcast.base.BoundedMap;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Now;
import bcast.data.Hash128;
import bcast.data.SipHash;
import bcast.data.Utf8;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Detects that two nodes have one id, since they run from copies of one memory, such as a virtual
 * machine that was resumed twice from one snapshot. A node that is greeted with its own id answers
 * with a number; the other side is this node itself if it drew that number, and else a twin, which
 * takes a new id. Links between nodes of different ids carry nothing for this.
 *
 * <p>A third node that both of them link notices as well, but only if they dial one address of it
 * and are seen at different addresses themselves. That is strict, since one node may reach another
 * by many addresses, and may be seen at several. Copies that the third node sees at one address
 * take each other's place on it until they meet.
 *
 * <p>Each node of the cluster is trusted in this: a node that others dial can report a twin where
 * there is none, and so make each of them take a new id once in {@link #KEEP_ID_MS}.
 */
final class Twins {

    /**
     * Most numbers remembered; each is looked up within a round trip. A greeting beyond them gets
     * no number, since the number that is forgotten in its place may be on its way back.
     */
    static final int MAX_NUMBERS = 16;

    /**
     * Greetings of one id in turn from two addresses, each while the link of the greeting before
     * is alive, from which on there are two nodes.
     */
    static final int SECOND_LINKS = 3;

    /** Time in which those are counted, and for which a number is remembered. */
    static final long WINDOW_MS = 30_000;

    /** Most pairs of an id and a dialled address for which they are counted. */
    static final int MAX_COUNTED = 256;

    /** A node takes no further id within this time, whatever others report. */
    static final long KEEP_ID_MS = 30_000;

    /** Nodes of one id that dialled this node at one address. */
    private record Diallers(NodeId node, Address dialled) {}

    private static final class Seen {
        private final long sinceMs;
        private long lastMs = Long.MIN_VALUE;
        private int links;

        Seen(long nowMs) {
            sinceMs = nowMs;
        }
    }

    private final Random random;
    /** When each number was drawn. */
    private final Map<Long, Long> numbers = new LinkedHashMap<>();
    private final Map<Diallers, Seen> seen = new BoundedMap<>(MAX_COUNTED);

    Twins(Random random) {
        this.random = random;
    }

    /**
     * Copies of one memory may draw the same random numbers: what differs between them goes into
     * each draw.
     */
    private Hash128 draw(String differing, Now now) {
        byte[] text = Utf8.encode(differing + " " + now.steadyMs());
        return new SipHash(random.nextLong(), random.nextLong()).hash(now.wallMs(), text, 0,
                text.length);
    }

    /** Forgets what is long past. */
    void tick(Now now) {
        long beforeMs = now.steadyMs() - WINDOW_MS;
        numbers.values().removeIf(drawnMs -> drawnMs <= beforeMs);
        seen.values().removeIf(each -> each.sinceMs <= beforeMs);
    }

    /** A number for a node at an address; empty if as many as can be are remembered. */
    OptionalLong number(Address address, Now now) {
        if (numbers.size() >= MAX_NUMBERS) {
            return OptionalLong.empty();
        }
        Hash128 drawn = draw(address.toString(), now);
        long number = drawn.hi() ^ drawn.lo();
        numbers.put(number, now.steadyMs());
        return OptionalLong.of(number);
    }

    /** Whether this node drew a number. */
    boolean drew(long number) {
        return numbers.containsKey(number);
    }

    /** An id in place of one that another node has as well, which drew a number. */
    NodeId newId(long number, Now now) {
        Hash128 drawn = draw(Long.toString(number), now);
        return new NodeId(drawn.hi(), drawn.lo());
    }

    /** Whether the node that dialled a link and the neighbour of another one are two of one id. */
    boolean two(Link link, Link other, Now now) {
        long ms = now.steadyMs();
        // One node may link anew, or dial several addresses of this one.
        boolean one = link.peerAddress().equals(other.peerAddress());
        boolean bothDialled = other.dialled().isPresent()
                && ms - other.openedMs() < Liveness.GREETING_MS;
        if (one || bothDialled) {
            return false;
        }
        Seen known = seen.computeIfAbsent(new Diallers(link.node(), link.hello().dialled()),
                any -> new Seen(ms));
        if (other.heardMs() > known.lastMs) {
            known.links++;
        }
        known.lastMs = ms;
        return known.links >= SECOND_LINKS;
    }
}
