from convkit.hub.ngshare.server import main

main()
