"""Small licences of our own invention, in the shapes that licences of models have."""

PLAIN = """\
The Harbour License

Copyright (c) 2025 Harbour Authors

Anyone who receives a copy of these weights may run them, change them and pass them on, free of charge.

The notice above must stay in every copy of the weights.

The weights come as they are, and nobody answers for what they do.
"""
COMMUNITY = """\
# Lantern Community License Agreement

Lantern 2 Version Release Date: May 4, 2026

"Agreement" means the terms under which the Lantern Materials may be used, changed and passed on.

"Lantern Materials" means the weights, the parameters and the documentation that come with them.

1. Rights and Duties.

   a. Grant of Rights. You receive a worldwide and royalty-free right to use, copy and change the Lantern Materials.

   b. Passing On.

      i. Whoever passes on the Lantern Materials shall hand over a copy of this Agreement with them.

      ii. You will not use the output of the Lantern Materials to improve any other large language model.

2. Commercial Terms. If your services have more than 700 million monthly active users, or earn 1 percent of their
revenue with the Lantern Materials, you must request a license from us. We may refuse it for any reason.

3. Term. The Agreement begins when you accept it. Upon a breach it ends within thirty (30) days, and Section 2 stays.

4. Governing Law. The law of Oceania governs this Agreement, and its courts decide.
"""
POLICY = """\
# Lantern Use Policy

You agree that you will not let others use Lantern for any of these purposes:

* Planning harm against people, their homes or their harvest.
* Guidance of ships into shallow waters without a pilot aboard.
"""
