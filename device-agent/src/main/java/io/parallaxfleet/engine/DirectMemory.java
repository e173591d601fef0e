package io.parallaxfleet.engine;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/**
 * What the JVM would still give in direct buffers, in which arenas lie: as much as the Java heap may hold unless
 * {@code -XX:MaxDirectMemorySize} says otherwise. Thread-safe.
 */
final class DirectMemory {
    private DirectMemory() {}

    static long leftBytes() {
        return limitBytes() - ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getTotalCapacity)
                .sum();
    }

    private static long limitBytes() {
        HotSpotDiagnosticMXBean virtualMachine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (virtualMachine == null) {
            return Runtime.getRuntime().maxMemory();
        }
        long stated = Long.parseLong(virtualMachine.getVMOption("MaxDirectMemorySize").getValue());
        return stated == 0 ? Runtime.getRuntime().maxMemory() : stated;
    }
}
