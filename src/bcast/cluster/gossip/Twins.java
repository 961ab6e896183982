package bcast.cluster.gossip;

import bcast.data.Hash128;
import bcast.data.SipHash;
import bcast.data.Utf8;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * Tells nodes apart that have one id, since they run from copies of one memory, such as a virtual
 * machine that was resumed twice from one snapshot. A node that is greeted with its own id answers
 * with a number; the other side is this node itself if it drew that number, and else a twin, which
 * takes a new id. A third node that both of them link notices as well. Links between nodes of
 * different ids carry nothing for this.
 */
final class Twins {

    /** Most numbers remembered; each is looked up within a round trip. */
    static final int MAX_NUMBERS = 16;

    /**
     * Greetings of one id, while another link of that id is alive, from which on there are two
     * nodes; a node that links anew since it lost its link has no other link that is alive.
     */
    static final int SECOND_LINKS = 3;

    /** Time in which those are counted, and for which a number is remembered. */
    static final long WINDOW_MS = 30_000;

    /** Most ids for which they are counted. */
    static final int MAX_NODES = 256;

    /** A node takes no further id within this time, whatever others say. */
    static final long KEEP_ID_MS = 30_000;

    private static final class Seen {
        private long sinceMs;
        private long lastMs;
        private int links;
    }

    private final Random random;
    /** Numbers by when they were drawn. */
    private final Map<Long, Long> numbers = new LinkedHashMap<>();
    private final Map<NodeId, Seen> seen = new LinkedHashMap<>();

    Twins(Random random) {
        this.random = random;
    }

    /**
     * Copies of one memory may draw the same random numbers: what differs between them goes into
     * each draw.
     */
    private Hash128 draw(String differing, Now now) {
        return new SipHash(random.nextLong(), random.nextLong()).hash(Utf8.encode(differing
                + " " + now.wallMs() + " " + now.steadyMs()));
    }

    /** Forgets what is long past. */
    void tick(Now now) {
        long beforeMs = now.steadyMs() - WINDOW_MS;
        numbers.values().removeIf(drawnMs -> drawnMs <= beforeMs);
        seen.values().removeIf(each -> each.sinceMs <= beforeMs);
    }

    /** A number for a node at an address. */
    long number(Address address, Now now) {
        Hash128 drawn = draw(address.toString(), now);
        long number = drawn.hi() ^ drawn.lo();
        numbers.put(number, now.steadyMs());
        if (numbers.size() > MAX_NUMBERS) {
            numbers.remove(numbers.keySet().iterator().next());
        }
        return number;
    }

    /** Whether this node drew a number. */
    boolean drew(long number) {
        return numbers.containsKey(number);
    }

    /** An id in place of one that another node has, who drew a number. */
    NodeId newId(long number, Now now) {
        Hash128 drawn = draw(Long.toString(number), now);
        return new NodeId(drawn.hi(), drawn.lo());
    }

    /**
     * Whether there are two nodes of an id.
     *
     * @param link where a node greets with that id; not dialled by this node
     * @param other the link to the neighbour of that id
     */
    boolean two(Link link, Link other, Now now) {
        long ms = now.steadyMs();
        if (other.dialled.isPresent() && ms - other.openedMs < Gossip.GREETING_MS) {
            // Both sides dialled at the same time.
            return false;
        }
        Seen known = seen.computeIfAbsent(other.node(), any -> new Seen());
        if (seen.size() > MAX_NODES) {
            seen.remove(seen.keySet().iterator().next());
        }
        if (known.links == 0) {
            known.sinceMs = ms;
            known.links = 1;
        } else if (other.heardMs > known.lastMs) {
            known.links++;
        }
        known.lastMs = ms;
        return known.links >= SECOND_LINKS;
    }
}
