package bcast;

import bcast.base.Log;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * SIGHUP, by which administrators have programs read their files again, and which by itself ends a
 * JVM. By reflection, so that the jar does not depend on the module jdk.unsupported, which JDKs and
 * this project's images have.
 */
final class Hangup {

    private Runnable task;
    private boolean early;

    /** A signal that comes before the task is remembered. */
    private synchronized void signalled() {
        if (task == null) {
            early = true;
        } else {
            task.run();
        }
    }

    /** Runs a task at each SIGHUP from now on, and at once if one came before. */
    synchronized void runs(Runnable given) {
        task = given;
        if (early) {
            task.run();
        }
    }

    /** From now on SIGHUP does not end the process, if Java can do that. */
    void begin(Log log) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours = Proxy.newProxyInstance(handler.getClassLoader(),
                    new Class<?>[] {handler}, (self, method, args) -> {
                        signalled();
                        return null;
                    });
            signal.getMethod("handle", signal, handler).invoke(null,
                    signal.getConstructor(String.class).newInstance("HUP"), ours);
        } catch (InvocationTargetException e) {
            // Started by nohup, where SIGHUP does nothing; or by -Xrs; or no such signal here.
            log.debug("SIGHUP is left to the system: " + e.getCause());
        } catch (ReflectiveOperationException e) {
            log.debug("SIGHUP ends this node, as this Java lacks jdk.unsupported: " + e);
        }
    }
}
