package bcast.bench.speed;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Posts at a given rate, whether or not answers come, over a number of kept connections. Times are
 * counted from when a request was due, so that one that waits for others is not overlooked.
 */
final class OpenLoop implements Closeable {

    private static final long PAUSE_NS = 100_000;
    private static final long TIMEOUT_S = 20;
    private static final byte[] HEAD_END = Http.ascii("\r\n\r\n");
    private static final String OK = "{\"result\":true,\"msg\":\"ok\"}";

    private final Selector selector = Selector.open();
    private final BlockingQueue<Connection> idle = new LinkedBlockingQueue<>();
    private final Queue<Long> tookNs = new ConcurrentLinkedQueue<>();
    private final Answered answered;
    private final int connections;
    private final int[] ports;
    private int opened;
    private final Thread reader;
    private volatile IOException fault;

    /** Told when an answer came. */
    interface Answered {
        void at(String id, long ns);
    }

    /** A request, and the id by which its answer is told. */
    record Request(String id, byte[] bytes) {}

    private static final class Connection {
        private final SocketChannel channel;
        private final ByteBuffer answer = ByteBuffer.allocate(4_096);
        private volatile Request request;
        private volatile long dueNs;

        Connection(SocketChannel channel) {
            this.channel = channel;
        }
    }

    OpenLoop(Answered answered, int connections, int... ports) throws IOException {
        this.answered = answered;
        this.connections = connections;
        this.ports = ports;
        reader = new Thread(this::read, "answers");
        reader.start();
    }

    /** A node closes connections on which nothing came for some seconds. */
    private void open() throws IOException {
        for (; opened < connections; opened++) {
            SocketChannel channel = SocketChannel.open(
                    new InetSocketAddress("127.0.0.1", ports[opened % ports.length]));
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
            Connection connection = new Connection(channel);
            channel.register(selector, SelectionKey.OP_READ, connection);
            selector.wakeup();
            idle.add(connection);
        }
    }

    /** Posts for some seconds. Returns how long each answer took in nanoseconds, in order. */
    long[] run(double rate, double seconds, Supplier<Request> requests) throws Exception {
        tookNs.clear();
        int count = (int) (rate * seconds);
        // Made before: what is measured is the server.
        Deque<Request> all = new ArrayDeque<>(count);
        for (int i = 0; i < count; i++) {
            all.add(requests.get());
        }
        // With the young generation that the Makefile gives us, nothing is collected during a run.
        System.gc();
        open();
        long beganNs = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long dueNs = beganNs + (long) (i / rate * 1e9);
            while (System.nanoTime() < dueNs) {
                LockSupport.parkNanos(Math.min(PAUSE_NS, dueNs - System.nanoTime()));
            }
            Connection connection = idle.poll(TIMEOUT_S, TimeUnit.SECONDS);
            if (connection == null || fault != null) {
                throw new IOException("no connection to post on", fault);
            }
            connection.dueNs = dueNs;
            connection.request = all.poll();
            ByteBuffer bytes = ByteBuffer.wrap(connection.request.bytes());
            if (connection.channel.write(bytes) < bytes.capacity()) {
                throw new IOException("a small request does not fit into an idle connection");
            }
        }
        long giveUpNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_S);
        while (tookNs.size() < count) {
            if (System.nanoTime() > giveUpNs || fault != null) {
                throw new IOException(tookNs.size() + " of " + count + " answered", fault);
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
        return tookNs.stream().mapToLong(Long::longValue).sorted().toArray();
    }

    /** A percentile of sorted values, in milliseconds. */
    static double ms(long[] sortedNs, double percent) {
        return sortedNs[(int) Math.min(sortedNs.length - 1, sortedNs.length * percent / 100)] / 1e6;
    }

    private void read() {
        try {
            while (selector.isOpen()) {
                selector.select(key -> {
                    try {
                        read((Connection) key.attachment());
                    } catch (IOException e) {
                        key.cancel();
                        fault = e;
                    }
                });
            }
        } catch (IOException e) {
            fault = e;
        }
    }

    private void read(Connection connection) throws IOException {
        if (connection.channel.read(connection.answer) < 0) {
            throw new IOException("the server closed a connection");
        }
        if (!whole(connection.answer)) {
            return;
        }
        long ns = System.nanoTime();
        connection.answer.clear();
        answered.at(connection.request.id(), ns);
        tookNs.add(ns - connection.dueNs);
        idle.add(connection);
    }

    private static boolean whole(ByteBuffer answer) throws IOException {
        byte[] bytes = Arrays.copyOf(answer.array(), answer.position());
        int end = bytes.length - HEAD_END.length;
        while (end >= 0 && !Arrays.equals(bytes, end, end + HEAD_END.length, HEAD_END, 0,
                HEAD_END.length)) {
            end--;
        }
        if (end < 0 || bytes[bytes.length - 1] != '}') {
            return false;
        }
        String text = new String(bytes, StandardCharsets.US_ASCII);
        if (!text.startsWith("HTTP/1.1 200") || !text.endsWith(OK)) {
            throw new IOException("refused: " + text);
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        selector.close();
        for (Connection connection : idle) {
            connection.channel.close();
        }
    }
}
