package bcast.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** A wire that can be cut: passes TCP on to a port, or not. */
public final class Proxy implements AutoCloseable {

    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile int target;
    private volatile boolean cut;
    private volatile CountDownLatch held = new CountDownLatch(0);
    private final ByteArrayOutputStream passed = new ByteArrayOutputStream();

    public Proxy() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        daemon(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    public void target(int port) {
        target = port;
    }

    /** Cuts the wire: what is linked breaks, what dials is refused. */
    public void cut() {
        cut = true;
        sockets.forEach(Proxy::close);
    }

    public void heal() {
        cut = false;
    }

    /** Accepts, but passes nothing on before {@link #release}. */
    public void hold() {
        held = new CountDownLatch(1);
    }

    public void release() {
        held.countDown();
    }

    /** All that passed so far, both ways; one byte a char. */
    public String passed() {
        synchronized (passed) {
            return passed.toString(StandardCharsets.ISO_8859_1);
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket in = server.accept();
                if (cut) {
                    in.close();
                    continue;
                }
                held.await();
                Socket out = new Socket("127.0.0.1", target);
                sockets.add(in);
                sockets.add(out);
                daemon(() -> copy(in, out));
                daemon(() -> copy(out, in));
            } catch (IOException e) {
                // The server is closed, or the target is not there: the dialler tries again.
                continue;
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void copy(Socket from, Socket to) {
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] some = new byte[64 * 1024];
            for (int read = in.read(some); read >= 0; read = in.read(some)) {
                synchronized (passed) {
                    passed.write(some, 0, read);
                }
                out.write(some, 0, read);
            }
        } catch (IOException e) {
            // Cut.
            return;
        } finally {
            sockets.remove(from);
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        cut();
        release();
        server.close();
    }
}
