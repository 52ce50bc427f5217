"""What `convkit.conv2d` is made of."""
