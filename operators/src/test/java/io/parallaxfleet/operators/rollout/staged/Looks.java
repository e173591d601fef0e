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
        return new GroupLook(devices, devices, devices, 0, means, tails);
    }

    /** The same group with other counts. */
    public static GroupLook counted(GroupLook look, int withPast, int reporting, int ran, int failing) {
        return new GroupLook(withPast, reporting, ran, failing, look.mean(), look.tail());
    }
}
