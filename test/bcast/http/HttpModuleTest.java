package bcast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.StartException;
import bcast.cluster.Cluster;
import bcast.core.Core;
import bcast.data.Data;
import bcast.eventbus.QueueEventBus;
import bcast.storage.Durability;
import bcast.storage.Storage;
import bcast.testing.Await;
import bcast.testing.Contexts;
import bcast.testing.EventReader;
import bcast.testing.Measured;
import bcast.testing.News;
import bcast.testing.NoCluster;
import bcast.testing.Ports;
import bcast.testing.RawHttp;
import bcast.testing.Stores;
import bcast.validator.DigestValidator;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HttpModuleTest {

    private static final long DAY_MS = 86_400_000;
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final Context context = Contexts.quiet(Clock.system());
    private final Storage storage = Stores.map(DAY_MS, 1_000, 1 << 20, context);
    private final Core core = new Core(DigestValidator.md5(), storage, Durability.NONE, false,
            new QueueEventBus(context), new Core.Timing(1_000, 20_000), context);

    private Frontend http() throws StartException {
        return http(storage, new NoCluster());
    }

    private Frontend http(Storage read, Cluster cluster) throws StartException {
        return new HttpModule(new HttpModule.Settings(new InetSocketAddress(LOOPBACK, 0), 64, 1_000,
                1 << 20, Set.of(), Optional.empty(), Networks.of(List.of()), false,
                Optional::empty, Optional.empty(),
                new HttpModule.Identity("0", "test", "md5")), core, read,
                cluster, context);
    }

    @AfterEach
    void stop() {
        core.close();
    }

    @Test
    void closeFreesThePortWhetherOrNotItStarted() throws Exception {
        Frontend idle = http();
        int idlePort = idle.address().getPort();
        idle.close();
        Ports.awaitFree(idlePort);
        Frontend started = http();
        int port = started.address().getPort();
        started.start();
        started.close();
        Ports.awaitFree(port);
    }

    /** A module with something that happens each time when a method has been called. */
    private static <T> T after(Class<T> type, T module, String name, Callable<?> happens) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
                (proxy, method, arguments) -> {
                    Object result = method.invoke(module, arguments);
                    if (method.getName().equals(name)) {
                        happens.call();
                    }
                    return result;
                }));
    }

    @Test
    void aRecordIsFoundThoughItIsReplacedDuringTheRequest() throws Exception {
        long now = context.clock().wallMs();
        Data loser = News.data("id", "first", now);
        storage.add(loser);
        Data winner = News.data("id", "second", now - 1);
        Storage replacing = after(Storage.class, storage, "get", () -> storage.merge(winner));
        Frontend http = http(replacing, new NoCluster());
        http.start();
        try (RawHttp client = new RawHttp(http.address().getPort())) {
            RawHttp.Answer answer =
                    client.send("GET /data?id=id HTTP/1.1\r\nHost: localhost\r\n\r\n").answer();
            assertEquals(200, answer.status(), answer.body());
            assertEquals(new String(loser.json(), StandardCharsets.UTF_8), answer.body());
            assertEquals(Optional.of(winner), storage.get("id"));
        } finally {
            http.close();
        }
    }

    @Test
    void requestsForMembersWaitForTheClusterTogether() throws Exception {
        // Where one waits for the other, the barrier breaks, which is a fault: 500.
        CyclicBarrier both = new CyclicBarrier(2);
        Cluster slow = after(Cluster.class, new NoCluster(), "members",
                () -> both.await(5, TimeUnit.SECONDS));
        Frontend http = http(storage, slow);
        http.start();
        int port = http.address().getPort();
        try (RawHttp one = new RawHttp(port); RawHttp other = new RawHttp(port)) {
            String request = "GET /members HTTP/1.1\r\nHost: localhost\r\n\r\n";
            one.send(request);
            other.send(request);
            for (RawHttp client : List.of(one, other)) {
                RawHttp.Answer answer = client.answer();
                assertEquals(503, answer.status(), answer.body());
                assertTrue(answer.body().contains("The cluster did not respond in time"),
                        answer.body());
            }
        } finally {
            http.close();
        }
    }

    @Test
    void closeBreaksOffWhatTakesTooLong() throws Exception {
        Frontend http = http();
        http.start();
        int port = http.address().getPort();
        try (EventReader reader = new EventReader(port, ""); RawHttp slow = new RawHttp(port)) {
            assertEquals(200, reader.status());
            slow.send("POST /postNewData HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
                    + "Expect: 100-continue\r\n\r\n");
            assertEquals(100, slow.answer().status());
            Await.until("both are under way", 5, () ->
                    Measured.of(context.counters(), "bcast_http_requests_in_progress") == 2);
            long began = System.nanoTime();
            http.close();
            long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            assertTrue(ms <= Frontend.CLOSE_MS, "close took " + ms + " ms");
        }
    }
}
