package bcast.fuzz;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.overlay.OverlayMessage;
import bcast.cluster.gossip.repair.RepairMessage;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.storage.Digest;
import bcast.storage.Sketch;
import bcast.testing.News;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * Messages of every type there is, found by reflection, of values that mean something to a node,
 * such as hashes of what it holds, and of values at the edges.
 */
final class Values {

    /** Hosts that lead nowhere: a part of the loopback where nobody listens. */
    private static final String[] HOSTS = {"127.9.9.9", "127.9.9.8", "", "::1", "127.0.0.0.1",
        "1:2:3:4:5:6:7:8:9", ":::", "fe80::1%nowhere", "nowhere.invalid", "127.999.1.1", "a b",
        "127.", "[::1]", "h".repeat(253)};
    private static final String[] TEXTS = {"", "a", "md5", "c", "\u00e9\ud83d\ude00", "\u0000",
        "x".repeat(255), "\u202e\n\r\t", "%s%n", "127.9.9.9"};
    private static final int FEW = 5;
    private static final int REMEMBERED = 64;
    private static final long HOUR_MS = 3_600_000;

    private static final List<Class<? extends Message>> FAMILIES = List.of(LinkMessage.class,
            OverlayMessage.class, SpreadMessage.class, RepairMessage.class);

    private final Random random;
    private final LongSupplier nowMs;
    private final List<Class<? extends Message>> kinds = new ArrayList<>();
    private final List<Hash128> keys = new ArrayList<>();
    private final List<NodeId> nodes = new ArrayList<>();

    Values(Random random, LongSupplier nowMs) {
        this.random = random;
        this.nowMs = nowMs;
        FAMILIES.forEach(this::addKinds);
        for (int i = 0; i < FEW; i++) {
            keys.add(new Hash128(i, i));
            nodes.add(node());
        }
    }

    private void addKinds(Class<?> type) {
        for (Class<?> each : type.getPermittedSubclasses()) {
            Class<? extends Message> kind = each.asSubclass(Message.class);
            if (!kind.isRecord()) {
                addKinds(kind);
            } else if (!kinds.contains(kind)) {
                kinds.add(kind);
            }
        }
    }

    /** All types of messages. */
    List<Class<? extends Message>> kinds() {
        return kinds;
    }

    /** Hashes of records that the node holds; messages will name some. */
    void know(Hash128 key) {
        remember(keys, key);
    }

    /** A node that is known. */
    void know(NodeId node) {
        remember(nodes, node);
    }

    private <T> void remember(List<T> list, T value) {
        if (list.size() < REMEMBERED) {
            list.add(value);
        } else {
            list.set(random.nextInt(REMEMBERED), value);
        }
    }

    /** A node that nobody has heard of. */
    NodeId node() {
        return new NodeId(random.nextLong(), random.nextLong());
    }

    /** Some node, known or not. */
    NodeId anyNode() {
        return random.nextInt(4) == 0 ? node() : nodes.get(random.nextInt(nodes.size()));
    }

    Address address() {
        return new Address(HOSTS[random.nextInt(random.nextInt(3) > 0 ? 2 : HOSTS.length)],
                random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(65_535));
    }

    /** A message of any type. */
    Message message() {
        return message(kinds.get(random.nextInt(kinds.size())));
    }

    /** A message of a type. */
    Message message(Class<? extends Message> kind) {
        return (Message) record(kind);
    }

    private Object record(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        Object[] values = Arrays.stream(components)
                .map(each -> value(each.getGenericType())).toArray();
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("no example of " + type + "; teach Values one", e);
        }
    }

    private Object value(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type of = generic.getActualTypeArguments()[0];
            if (generic.getRawType() == List.class) {
                return list(of);
            }
            if (generic.getRawType() == Optional.class) {
                return random.nextBoolean() ? Optional.empty() : Optional.of(value(of));
            }
        } else if (type == int.class || type == Integer.class) {
            return (int) number();
        } else if (type == long.class || type == Long.class) {
            return number();
        } else if (type == boolean.class) {
            return random.nextBoolean();
        } else if (type == String.class) {
            return TEXTS[random.nextInt(TEXTS.length)];
        } else if (type == Data.class) {
            return data();
        } else if (type == NodeId.class) {
            return anyNode();
        } else if (type == Address.class) {
            return address();
        } else if (type == Hash128.class) {
            return random.nextInt(4) == 0 ? new Hash128(number(), number())
                    : keys.get(random.nextInt(keys.size()));
        } else if (type instanceof Class<?> plain && plain.isEnum()) {
            return plain.getEnumConstants()[random.nextInt(plain.getEnumConstants().length)];
        } else if (type instanceof Class<?> plain && plain.isRecord()) {
            return record(plain);
        }
        throw new AssertionError("no example of " + type + "; teach Values one");
    }

    /** Longest lists that may be sent, by what is in them. */
    private static final Map<Type, Integer> LIMITS = Map.of(
            OverlayMessage.Peer.class, OverlayMessage.MAX_PEERS, Sketch.Cell.class,
            RepairMessage.MAX_CELLS,
            Digest.class, RepairMessage.MAX_DIGESTS, Long.class, RepairMessage.MAX_DIGESTS,
            Integer.class, Message.MAX_HASHES, Hash128.class, Message.MAX_HASHES);

    private List<Object> list(Type of) {
        if (!LIMITS.containsKey(of)) {
            throw new AssertionError("no list of " + of + "; teach Values one");
        }
        int size = random.nextInt(FEW);
        if (random.nextInt(100) == 0) {
            size = random.nextInt(LIMITS.get(of) + 1);
        }
        List<Object> values = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            values.add(value(of));
        }
        return values;
    }

    private long number() {
        return switch (random.nextInt(5)) {
            case 0 -> Mutator.EXTREMES[random.nextInt(Mutator.EXTREMES.length)];
            case 1 -> random.nextLong();
            case 2 -> nowMs.getAsLong() + random.nextInt(20_000) - 10_000;
            default -> random.nextInt(40);
        };
    }

    private long timestamp() {
        return Math.max(0, Math.min(Data.MAX_TIMESTAMP, switch (random.nextInt(8)) {
            case 0 -> number();
            case 1 -> nowMs.getAsLong() + random.nextInt((int) HOUR_MS) - HOUR_MS / 2;
            default -> nowMs.getAsLong() - random.nextInt(10_000);
        }));
    }

    /** A record; most are genuine, and few ids make for conflicts. */
    Data data() {
        String raw = "raw " + random.nextInt(1_000);
        if (random.nextInt(50) == 0) {
            raw = "\u0001".repeat(1 + random.nextInt(40_000));
        }
        String id = "id" + random.nextInt(2_000);
        return random.nextInt(3) == 0
                ? Data.of(id, raw, TEXTS[1 + random.nextInt(TEXTS.length - 1)], timestamp())
                : News.data(id, raw, timestamp());
    }
}
