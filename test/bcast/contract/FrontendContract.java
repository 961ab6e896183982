package bcast.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.core.Core;
import bcast.data.Data;
import bcast.eventbus.Event;
import bcast.eventbus.QueueEventBus;
import bcast.eventbus.Source;
import bcast.eventbus.Subscription;
import bcast.http.Frontend;
import bcast.storage.Durability;
import bcast.storage.Storage;
import bcast.testing.Await;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.testing.Ports;
import bcast.testing.Stores;
import bcast.validator.DigestValidator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Frontend} promises; a subclass knows how its clients post and list. */
public abstract class FrontendContract {

    private static final long DAY_MS = 86_400_000;
    private static final int CLIENTS = 20;
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final Context context = Contexts.quiet(Clock.system());
    private final Storage storage = Stores.map(DAY_MS, 1_000, 64 << 20, context);
    private volatile CountDownLatch disk = new CountDownLatch(0);
    private volatile Optional<String> unsafe = Optional.empty();
    private Core core;
    private Subscription events;
    private Frontend frontend;
    private boolean closed;

    /** What a front end is constructed with. */
    protected record Given(InetSocketAddress address, Core core, Storage storage,
            Context context) {}

    /** A front end that is not started. */
    protected abstract Frontend newFrontend(Given given) throws Exception;

    /** Posts as a client does; whether it is told of a success. */
    protected abstract boolean post(InetSocketAddress address, String id, String raw,
            String signature) throws Exception;

    /** Lists as a client does: the JSON of each record, in order. */
    protected abstract List<String> list(InetSocketAddress address) throws Exception;

    @BeforeEach
    final void makeFrontend() throws Exception {
        QueueEventBus bus = new QueueEventBus(context);
        core = new Core(DigestValidator.md5(), storage, new Durability() {
            @Override
            public Optional<String> problem() {
                return Optional.empty();
            }

            @Override
            public Optional<String> await(long seq) throws InterruptedException {
                disk.await();
                return unsafe;
            }
        }, false, bus, new Core.Timing(1_000, 20_000), context);
        events = core.events("test");
        core.start();
        frontend = frontend();
        frontend.start();
    }

    private Frontend frontend() throws Exception {
        return newFrontend(new Given(new InetSocketAddress(LOOPBACK, 0), core, storage, context));
    }

    @AfterEach
    final void close() {
        if (!closed) {
            frontend.close();
        }
        core.close();
    }

    private boolean post(String id, String raw) throws Exception {
        return post(frontend.address(), id, raw, News.md5(raw));
    }

    private List<String> held() {
        return storage.list().stream().map(Data::toString).toList();
    }

    @Test
    void postsGoToTheCoreAsAClients() throws Exception {
        assertTrue(post("id", "raw"));
        Data held = storage.get("id").orElseThrow();
        assertEquals(News.data("id", "raw", held.timestamp()), held);
        assertEquals(Optional.of(new Event.Accepted(held, Source.CLIENT)), events.poll());
        assertEquals(held(), list(frontend.address()));
    }

    @Test
    void whatTheCoreRefusesIsNoSuccess() throws Exception {
        assertFalse(post(frontend.address(), "id", "raw", News.md5("other")));
        assertFalse(post(frontend.address(), "x".repeat(Data.MAX_ID_BYTES + 1), "raw",
                News.md5("raw")));
        assertEquals(List.of(), list(frontend.address()));
        assertTrue(post("id", "raw"));
        assertFalse(post("id", "other"));
        assertEquals(1, storage.size());
    }

    @Test
    void successIsReportedOnceTheRecordIsSafe() throws Exception {
        disk = new CountDownLatch(1);
        AtomicReference<Object> told = new AtomicReference<>();
        Thread client = new Thread(() -> {
            try {
                told.set(post("id", "raw"));
            } catch (Exception e) {
                told.set(e);
            }
        });
        client.start();
        Await.until("the record is stored", 5, () -> storage.size() == 1);
        Await.always("nothing is reported", 0.1, () -> told.get() == null);
        disk.countDown();
        client.join(5_000);
        assertEquals(true, told.get());
        unsafe = Optional.of("the disk is full");
        assertFalse(post("id2", "raw"));
    }

    @Test
    void manyClientsAreServedAtOnce() throws Exception {
        List<String> faults = Collections.synchronizedList(new ArrayList<>());
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            String id = "id" + i;
            clients.add(new Thread(() -> {
                try {
                    if (!post(id, "raw of " + id) || list(frontend.address()).isEmpty()) {
                        faults.add(id);
                    }
                } catch (Exception e) {
                    faults.add(id + ": " + e);
                }
            }));
        }
        clients.forEach(Thread::start);
        for (Thread client : clients) {
            client.join();
        }
        assertEquals(List.of(), faults);
        assertEquals(CLIENTS, storage.size());
        assertEquals(held(), list(frontend.address()));
    }

    @Test
    void thePortIsBoundByTheConstructorAndFreedByClose() throws Exception {
        Frontend idle = frontend();
        int port = idle.address().getPort();
        assertTrue(port > 0);
        assertEquals(LOOPBACK, idle.address().getAddress());
        assertFalse(idle.url().isBlank());
        idle.close();
        Ports.awaitFree(port);
        closed = true;
        frontend.close();
        Ports.awaitFree(frontend.address().getPort());
    }

    @Test
    void closeBreaksOffClientsThatTakeTooLong() throws Exception {
        disk = new CountDownLatch(1);
        try (Socket idle = new Socket(LOOPBACK, frontend.address().getPort())) {
            Thread client = new Thread(() -> {
                try {
                    post("id", "raw");
                } catch (Exception e) {
                    disk.countDown();
                }
            });
            client.start();
            Await.until("a post is under way", 5, () -> storage.size() == 1);
            long began = System.nanoTime();
            closed = true;
            frontend.close();
            long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            assertTrue(ms <= Frontend.CLOSE_MS, "close took " + ms + " ms");
            idle.setSoTimeout(5_000);
            assertEquals(-1, idle.getInputStream().read(), "an open connection");
            client.join(5_000);
            assertFalse(client.isAlive(), "the client still waits");
        }
    }
}
