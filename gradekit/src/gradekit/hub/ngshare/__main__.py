from gradekit.hub.ngshare.server import main

main()
