package io.parallaxfleet.operators.rollout.staged;

import java.util.SplittableRandom;

/** Made-up looks whose truth is known. */
public final class Looks {
    private Looks() {}

    /** A group whose devices all report, none fails, and whose own changes scatter around the given ones. */
    public static GroupLook group(int devices, double deviation, double mean, double tail, SplittableRandom random) {
        Moments means = Moments.NONE;
        Moments tails = Moments.NONE;
        for (int i = 0; i < devices; i++) {
            means = means.with(mean + deviation * random.nextGaussian());
            tails = tails.with(tail + 2 * deviation * random.nextGaussian());
        }
        return new GroupLook(devices, devices, devices, 0, means, tails, Moments.NONE, 0);
    }

    /** The same group, whose guard's own changes scatter around the given one. */
    public static GroupLook guarded(GroupLook look, double deviation, double change, SplittableRandom random) {
        Moments guards = Moments.NONE;
        for (int i = 0; i < look.reporting(); i++) {
            guards = guards.with(change + deviation * random.nextGaussian());
        }
        return new GroupLook(look.withPast(), look.reporting(), look.ran(), look.failing(), look.mean(), look.tail(), guards, look.unmetered());
    }

    /** Devices that run and measure nothing of what is judged. */
    public static GroupLook unmetered(int devices) {
        return new GroupLook(devices, devices, devices, 0, Moments.NONE, Moments.NONE, Moments.NONE, devices);
    }

    /** The same group with other counts. */
    public static GroupLook counted(GroupLook look, int withPast, int reporting, int ran, int failing) {
        return new GroupLook(withPast, reporting, ran, failing, look.mean(), look.tail(), look.guard(), look.unmetered());
    }
}
