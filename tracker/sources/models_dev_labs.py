"""Who is who on models.dev: which providers are labs, and whose page a reported score stands on."""

# Providers of api.json that sell their own models, and folders of models/. Left out on purpose: regional copies
# (-cn) and subscription plans, whose price a token is not what a token costs.
LABS = {
    "alibaba": "Alibaba",
    "anthropic": "Anthropic",
    "bailing": "Ant Group",
    "cohere": "Cohere",
    "deepseek": "DeepSeek",
    "google": "Google",
    "inception": "Inception",
    "llama": "Meta",
    "meta": "Meta",
    "minimax": "MiniMax",
    "mistral": "Mistral",
    "moonshotai": "Moonshot AI",
    "nova": "Amazon",
    "nvidia": "NVIDIA",
    "openai": "OpenAI",
    "perplexity": "Perplexity",
    "poolside": "Poolside",
    "sakana": "Sakana AI",
    "sarvam": "Sarvam AI",
    "stepfun": "StepFun",
    "tencent": "Tencent",
    "upstage": "Upstage",
    "xai": "xAI",
    "xiaomi": "Xiaomi",
    "zai": "Z.ai",
    "zhipuai": "Z.ai",
}
# Both list other labs' models beside their own: only names that begin like this are theirs.
OWN = {"nvidia": "nvidia/", "llama": "llama-"}
# Where a lab reports on its own models: a host, or an organisation on the Hugging Face Hub.
OWN_PAGES = {
    "alibaba": ("qwen.ai", "huggingface.co/Qwen"),
    "anthropic": ("anthropic.com",),
    "cohere": ("cohere.com", "huggingface.co/CohereLabs"),
    "deepreinforce": ("huggingface.co/deepreinforce-ai",),
    "deepseek": ("deepseek.com", "huggingface.co/deepseek-ai"),
    "google": ("deepmind.google", "blog.google", "huggingface.co/google"),
    "meta": ("ai.meta.com", "huggingface.co/meta-llama"),
    "minimax": ("minimax.io", "huggingface.co/MiniMaxAI"),
    "mistral": ("mistral.ai", "huggingface.co/mistralai"),
    "moonshotai": ("moonshot.ai", "huggingface.co/moonshotai"),
    "nvidia": ("nvidia.com", "huggingface.co/nvidia"),
    "openai": ("openai.com", "huggingface.co/openai"),
    "sakana": ("sakana.ai",),
    "sarvam": ("sarvam.ai", "huggingface.co/sarvamai"),
    "stepfun": ("stepfun.com", "huggingface.co/stepfun-ai"),
    "tencent": ("tencent.com", "huggingface.co/tencent"),
    "xai": ("x.ai", "huggingface.co/xai-org"),
    "xiaomi": ("xiaomi.com", "huggingface.co/XiaomiMiMo"),
    "zhipuai": ("z.ai", "huggingface.co/zai-org", "huggingface.co/THUDM"),
}
# Boards of the benchmarks themselves. Everything else is somebody copying somebody: openrouter.ai and llm-stats copy
# Artificial Analysis, whose terms forbid it, ARC Prize's board may not be copied, and a lab's table of its rivals is no
# measurement of ours to repeat.
BOARDS = ("aider.chat", "labs.scale.com", "swebench.com", "tbench.ai", "livecodebench.github.io")
# Scores are 0 to 100 under these names for a percentage; an index, an Elo or points are not.
PERCENT = {
    "", "percent", "percentage", "percent correct", "percent resolved", "accuracy", "pass@1", "average pass@1",
    "score", "success rate", "resolved", "resolve rate", "pass rate",
}  # fmt: skip
