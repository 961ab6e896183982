package bcast.bench.durable;

import bcast.testing.Client;
import bcast.testing.News;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What clients were told is kept, and when; and whether a node has it. A record's raw follows from
 * its id. Any thread may write; one checks.
 */
final class Book {

    private static final int LONGEST_RAW = 200;
    private static final String NO_TIME = "}";

    private final Map<String, Long> acknowledgedUs = new ConcurrentHashMap<>();
    /** Lines that were listed and found right; no restart may change them. */
    private final Map<String, String> right = new ConcurrentHashMap<>();
    private final Set<String> lost = new TreeSet<>();
    private final Set<String> wrong = new TreeSet<>();

    /** The raw that belongs to an id. */
    static String raw(String id) {
        Random random = new Random(id.hashCode());
        return id + " " + Character.toString('a' + random.nextInt(26))
                .repeat(random.nextInt(LONGEST_RAW));
    }

    /** A post of the record of an id. */
    static String json(String id) {
        return News.json(id, raw(id));
    }

    static long nowUs() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    void acknowledge(String id) {
        acknowledgedUs.putIfAbsent(id, nowUs());
    }

    boolean has(String id) {
        return acknowledgedUs.containsKey(id);
    }

    int size() {
        return acknowledgedUs.size();
    }

    /** Takes in what another book has. */
    void addAll(Book other) {
        acknowledgedUs.putAll(other.acknowledgedUs);
    }

    /** Times of acknowledgements in microseconds since 1970, by id. */
    Map<String, Long> times() {
        return acknowledgedUs;
    }

    /** Acknowledged records that were missing at some check. */
    int lost() {
        return lost.size();
    }

    /** Records that some check found with another text than was posted, or than before. */
    int wrong() {
        return wrong.size();
    }

    List<String> examples() {
        Set<String> all = new TreeSet<>(lost);
        all.addAll(wrong);
        return all.stream().limit(5).toList();
    }

    /** Checks that a node has everything that is acknowledged, and all of it right. */
    void check(Client client) throws Exception {
        Set<String> acknowledged = Set.copyOf(acknowledgedUs.keySet());
        Set<String> listed = listed(client);
        for (String id : acknowledged) {
            if (!listed.contains(id)) {
                lost.add(id);
            }
        }
    }

    /** How many acknowledged records a node has not, or not yet. */
    int missing(Client client) throws Exception {
        Set<String> missing = new HashSet<>(acknowledgedUs.keySet());
        missing.removeAll(listed(client));
        return missing.size();
    }

    /** The ids of what a node lists; what is not as it was posted is noted. */
    Set<String> listed(Client client) throws Exception {
        Set<String> ids = new HashSet<>();
        String list = client.send("GET", "/listAllRecentData", null,
                "Accept", "application/x-ndjson").body();
        for (int at = 0; at < list.length();) {
            int end = list.indexOf('\n', at);
            String line = list.substring(at, end);
            String id = line.substring(7, line.indexOf('"', 7));
            ids.add(id);
            if (!line.equals(right.get(id))) {
                judge(id, line);
            }
            at = end + 1;
        }
        return ids;
    }

    private void judge(String id, String line) {
        String posted = json(id);
        String untimed = posted.substring(0, posted.length() - NO_TIME.length());
        boolean known = right.containsKey(id);
        if (!known && line.matches("\\Q" + untimed + "\\E,\"timestamp\":\\d+}")) {
            right.put(id, line);
        } else {
            wrong.add(id);
        }
    }
}
