package bcast.http.server;

import bcast.base.HostNetwork;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds the memory of all bodies, or of all answers, and shares it between clients by dynamic
 * thresholds (Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998): an address may
 * hold as much as is free. So the first takes at most half, the second a quarter, and the next
 * always finds some. Safe for use by any thread.
 */
public final class MemoryBudget {

    /** A request that holds more is large. */
    static final int SMALL_BYTES = 64 * 1024;

    /** One part in this many of the bodies' memory is reserved for requests that are not large. */
    static final int RESERVED_SHARE = 4;

    private final String use;
    private final String advice;
    private final long limit;
    private final long reserved;
    private final boolean oneMayTakeAll;
    private final Map<InetAddress, Long> byAddress = new HashMap<>();
    private long taken;

    private MemoryBudget(String use, String advice, long limit, long reserved,
            boolean oneMayTakeAll) {
        this.use = use;
        this.advice = advice;
        this.limit = limit;
        this.reserved = reserved;
        this.oneMayTakeAll = oneMayTakeAll;
    }

    /** Bytes for all bodies being read or handled; a part of them is reserved for small ones. */
    public static MemoryBudget ofBodies(long limit) {
        return new MemoryBudget("body", "send smaller batches", limit,
                limit / RESERVED_SHARE, false);
    }

    /**
     * Bytes for all answers being sent that are not small: lists, pages, records, metrics. A list
     * cannot be sent in less, so the only answer to an address may take all that is free.
     */
    public static MemoryBudget ofAnswers(long limit) {
        return new MemoryBudget("response", "read lists in pages by ?limit=", limit, 0, true);
    }

    /** The memory of one request from an address, which holds none yet. */
    public Account of(InetAddress address) {
        return new Account(address);
    }

    /** Number of addresses that hold some. */
    synchronized int addresses() {
        return byAddress.size();
    }

    /** The memory that one request holds. Belongs to the request's thread. */
    public final class Account {
        private final InetAddress address;
        long held;

        private Account(InetAddress address) {
            this.address = address;
        }

        /** Takes memory, or refuses the request if there is not as much. */
        public void take(long bytes) throws HttpError {
            synchronized (MemoryBudget.this) {
                if (held + bytes > limit) {
                    throw new HttpError(503, "busy", "The " + use + " of this request takes "
                            + (held + bytes) + " bytes of memory, and the limit for all requests "
                            + "together is " + limit + "; " + advice);
                }
                boolean large = held + bytes > SMALL_BYTES;
                long free = limit - (large ? reserved : 0) - taken;
                long before = byAddress.getOrDefault(address, 0L);
                // Memory that this request holds already does not count against it.
                boolean only = oneMayTakeAll && before == held;
                if (bytes > free || !only && before + bytes > free) {
                    throw new HttpError(503, "busy", "No memory for the " + use + " now: "
                            + "all requests from " + HostNetwork.written(address)
                            + " together may take as much as is free, " + Math.max(0, free)
                            + " bytes; try again later, or " + advice);
                }
                change(bytes);
            }
        }

        /** Copies an array that is counted into a larger one; meanwhile both are counted. */
        public byte[] grow(byte[] bytes, int length) throws HttpError {
            take(length);
            byte[] larger = Arrays.copyOf(bytes, length);
            giveBack(bytes.length);
            return larger;
        }

        public void giveBack(long bytes) {
            change(-bytes);
        }

        public void free() {
            giveBack(held);
        }

        private void change(long bytes) {
            synchronized (MemoryBudget.this) {
                held += bytes;
                taken += bytes;
                byAddress.merge(address, bytes, Long::sum);
                byAddress.remove(address, 0L);
            }
        }
    }
}
