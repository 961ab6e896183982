package bcast.http;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds the memory of all answers being sent that are not small: lists, pages, records, metrics.
 * As in {@link BodyMemory}, an address may hold as much as is free, so that its slow readers leave
 * some to others; but one answer an address may have for which there is room. Safe for use by any
 * thread.
 */
final class AnswerMemory {

    private final long limit;
    private final Map<InetAddress, Long> byAddress = new HashMap<>();
    private long taken;

    /** Bounds all answers together to a number of bytes. */
    AnswerMemory(long limit) {
        this.limit = limit;
    }

    /** Takes memory for an answer, or a part of it, to an address; or refuses the request. */
    synchronized void take(InetAddress address, long bytes) throws HttpError {
        if (bytes > limit) {
            throw new HttpError(503, "busy", "This answer takes " + bytes + " bytes of memory, but"
                    + " all answers together may take " + limit + "; read lists in pages, ?limit=");
        }
        long ofAddress = byAddress.getOrDefault(address, 0L);
        long free = limit - taken;
        if (bytes > free || ofAddress > 0 && ofAddress + bytes > free) {
            throw new HttpError(503, "busy", "No memory for another large answer: answers to "
                    + address.getHostAddress() + " together may hold as much as is still free");
        }
        change(address, bytes);
    }

    /** Gives back what was taken for an address. */
    synchronized void giveBack(InetAddress address, long bytes) {
        change(address, -bytes);
    }

    private void change(InetAddress address, long bytes) {
        taken += bytes;
        byAddress.merge(address, bytes, (a, b) -> a + b == 0 ? null : Long.valueOf(a + b));
    }
}
