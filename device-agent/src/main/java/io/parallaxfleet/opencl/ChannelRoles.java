package io.parallaxfleet.opencl;

import io.parallaxfleet.opencl.TileKernel.Role;
import java.util.Arrays;
import java.util.Optional;

/** How an operand lies beside a result [N, C, extents...] whose rows are channels. */
final class ChannelRoles {
    private ChannelRoles() {}

    static Optional<Role> role(int[] result, int[] operand) {
        if (!Shapes.broadcastable(operand, result)) {
            return Optional.empty();
        }
        int[] aligned = new int[result.length];
        Arrays.fill(aligned, 1);
        System.arraycopy(operand, 0, aligned, result.length - operand.length, operand.length);
        if (Arrays.equals(aligned, result)) {
            return Optional.of(Role.FULL);
        }
        boolean perChannel = aligned[0] == 1 && aligned[1] == result[1] && Shapes.product(aligned, 2, aligned.length) == 1;
        if (perChannel) {
            return Optional.of(Role.ROW);
        }
        boolean perPosition = Shapes.elements(operand) > 1 && aligned[0] == 1 && aligned[1] == 1
                && Arrays.equals(Arrays.copyOfRange(aligned, 2, aligned.length), Arrays.copyOfRange(result, 2, result.length));
        return perPosition ? Optional.of(Role.PLANE) : Optional.empty();
    }
}
